var e,t,n,r,i,a,o,s,c,l,u,d=Symbol.for(`pv`),f={},p=[],m=/^m(i|n|o|s|text|space)$/,h=Array.isArray,g=p.slice,_=Object.assign;function v(e){e&&e.parentNode&&e.remove()}function y(e,t,n){var r,i,a,o={},s=arguments.length;for(a in t)a==`key`?r=t[a]:a==`ref`&&typeof e!=`function`?i=t[a]:o[a]=t[a];return s>2&&(o.children=s>3?g.call(arguments,2):n),b(e,o,r,i,null)}function b(n,r,i,a,o){var s={type:n,props:r,key:i,ref:a,__k:null,__:null,__b:0,__e:null,__c:null,constructor:d,__v:o||++t,__i:-1,__u:0};return!o&&e.vnode&&e.vnode(s),s}function x(e){return e.children}function S(e,t){this.props=e,this.context=t,this.__g=0}function C(e,t){if(t==null)return e.__&&C(e.__,e.__i+1);for(var n;t<e.__k.length;t++)if((n=e.__k[t])&&n.__e)return n.__e;return typeof e.type!=`function`||e.props.__P?null:C(e)}function w(t){var n,r=t.__v,i=r.__e,a=[],o=[],s=t.__P;s&&((n=_({constructor:d},r)).__v=r.__v+1,e.vnode&&e.vnode(n),ce(s,n,r,t.__n,s.namespaceURI,32&r.__u?[i]:null,a,i||C(r),32&r.__u,o),n.__v=r.__v,n.__.__k[n.__i]=n,de(a,n,o),r.__=r.__e=null,n.__e!=i&&T(n))}function T(e){if((e=e.__)&&e.__c&&!e.props.__P)return e.__e=null,e.__k.some(function(t){return t&&(e.__e=t.__e)}),T(e)}function E(t){(8&t.__g||(t.__g|=8,r.push(t),a++))&&i==e.debounceRendering||((i=e.debounceRendering)||queueMicrotask)(D)}function D(){try{for(var e,t=1;r.length;)r.length>t&&r.sort(o),e=r.shift(),t=r.length,8&e.__g&&w(e)}finally{(a=r.length)&&(i||queueMicrotask)(D)}}function ee(e,t,n,r,i,a,o,s,c,l,u){var d,m,h,g,_,v,y=r.__k||p,b=t.length;for(c=te(n,t,y,c,b),d=0;d<b;d++)(h=n.__k[d])!=null&&(m=~h.__i&&y[h.__i]||f,h.__i=d,v=ce(e,h,m,i,a,o,s,c,l,u),g=h.__e,(m.ref!=h.ref||8&m.__u)&&(m.ref&&pe(m.ref,null,h,m),h.ref&&u.push(h.ref,h.__c||g,h)),_||=g,4&h.__u?(c=ne(h,c,e,!m.__v),m.__e&&(m.__e=null)):typeof h.type==`function`&&v!==void 0?c=v:g&&(c=g.nextSibling),h.__u&=-21);return n.__e=_,c}function te(e,t,n,r,i){var a,o,s,c,l,u,f,p,m,g=n.length,_=g,v=0,y=0,S=e.__k=Array(i);for(a=0;a<i;a++)(o=t[a])!=null&&typeof o!=`boolean`&&typeof o!=`function`?(typeof o!=`object`||o.constructor===String?o=S[a]=b(null,o):h(o)?o=S[a]=b(x,{children:o}):o.constructor===d&&o.__b?o=S[a]=b(o.type,o.props,o.key,o.ref,o.__v):S[a]=o,c=a+v,o.__=e,o.__b=e.__b+1,s=null,~(l=o.__i=ie(o,n,c,_))&&(_--,(s=n[l])&&(s.__u|=2)),s&&s.__v?(o.__u|=16,l==c-1?v--:l==c+1?v++:l!=c&&(l>c?v--:v++,y=1)):(~l||(i>g?v--:i<g&&v++),typeof o.type!=`function`&&(o.__u|=4))):S[a]=null;if(y){for(u=[],f=[],a=0;a<i;a++)if((o=S[a])&&16&o.__u){for(v=0,p=u.length;v<p;)u[m=v+p>>1]<o.__i?v=m+1:p=m;u[v]=o.__i,f[a]=v+1}for(v=u.length;a--;)f[a]&&(f[a]==v?v--:S[a].__u|=4)}if(_)for(a=0;a<g;a++)!(s=n[a])||2&s.__u||(s.__e==r&&(r=C(s)),me(s,s));return r}function ne(e,t,n,r){var i,a,o,s;if(typeof e.type==`function`){if(e.props.__P)return t;if(i=e.__k)for(a=0;a<i.length;a++)i[a]&&(i[a].__=e,t=ne(i[a],t,n,!1));return t}for(t&&!t.parentNode&&(t=C(e))&&!t.parentNode&&(t=null),o=e.__e,s=t;s&&s.nodeType==8;)s=s.nextSibling;for(o!=s&&(!r&&n.moveBefore&&o.parentNode?n.moveBefore(o,t):n.insertBefore(o,t||null)),t=o;(t&&=t.nextSibling)&&t.nodeType==8&&!t.data.startsWith(`$s`););return t}function re(e,t){return t||=[],e!=null&&typeof e!=`boolean`&&(h(e)?e.some(function(e){re(e,t)}):t.push(e)),t}function ie(e,t,n,r){var i,a=e.key,o=e.type,s=t[n],c=s&&!(2&s.__u);if(s===null&&a==null||c&&a==s.key&&o==s.type)return n;if(r>+!!c){for(i=n-1;i>=0;i--)if((s=t[i])&&!(2&s.__u)&&a==s.key&&o==s.type)return i;for(i=n+1;i<t.length;i++)if((s=t[i])&&!(2&s.__u)&&a==s.key&&o==s.type)return i}return-1}function ae(e,t,n){n??=``,t[0]==`-`?e.setProperty(t,n):e[t]=n}function oe(e,t,n,r,i){var a,o;if(t==`style`){if(typeof n==`string`)e.style.cssText=n;else{if(typeof r==`string`&&(e.style.cssText=r=``),r)for(t in r)n&&t in n||ae(e.style,t);if(n)for(t in n)r&&n[t]==r[t]||ae(e.style,t,n[t])}}else if(t[0]==`o`&&t[1]==`n`)typeof n!=`function`&&(n=null),typeof r!=`function`&&(r=null),(e.__e||={})[t]=n,n&&r||(o=u[t]||(u[t]=se(t)),(e.__a||={})[t]=l,a=t!=(t=t.replace(c,`$1`)),(t=t.slice(2))[0]<`a`&&(t=t.toLowerCase()),n?e.addEventListener(t,o,a):e.removeEventListener(t,o,a));else{if(i==`http://www.w3.org/2000/svg`)t=t.replace(/xlink(H|:h)/,`h`).replace(/sName$/,`s`);else if(t!=`width`&&t!=`height`&&t!=`href`&&t!=`list`&&t!=`form`&&t!=`tabIndex`&&t!=`download`&&t!=`rowSpan`&&t!=`colSpan`&&t!=`role`&&t!=`popover`&&t in e)try{e[t]=n??``;return}catch{}if(typeof n==`function`)return;n==null||!1===n&&t[4]!=`-`?e.removeAttribute(t):e.setAttribute(t,t==`popover`&&n==1?``:n)}}function se(t){return function(n){var r=this.__e;if(r){if(r=r[t],n[s]==null)n[s]=l++;else if(n[s]<this.__a[t])return;return r(e.event?e.event(n):n)}}}function ce(t,n,r,i,a,o,s,c,l,u){var f,m,g,y,b,w,T,E,D,te,ne,re,ie,ae,oe,se,ce,de,pe=n.type;if(n.constructor!==d)return null;128&r.__u&&(l=32&r.__u,f=r.__c.__z)&&(n.__u|=l,m=o=[],f.nodeType==8?c=le(f,o):o.push(f),c=o[0]||c),(f=e.__b)&&f(n);n:if(typeof pe==`function`){g=s.length;try{if(E=n.props,D=(f=pe.prototype)&&f.render,te=(f=pe.contextType)&&i[f.__c],ne=f?te?te.props.value:f.__:i,(y=r.__c)?(n.__c=y,2&y.__g&&(y.__g|=1)):(D?n.__c=y=new pe(E,ne):(n.__c=y=new S(E,ne),y.constructor=pe,y.render=he),te&&te.sub(y),y.state||(y.state={}),y.__n=i,y.__g|=8,y.__h=[],y.__k=[]),D&&(y.__s||(y.__s=y.state),pe.getDerivedStateFromProps&&(y.__s==y.state&&(y.__s=_({},y.__s)),_(y.__s,pe.getDerivedStateFromProps(E,y.__s)))),b=y.props,w=y.state,y.__v=n,r.__c){if(E!==b&&D&&!pe.getDerivedStateFromProps&&y.componentWillReceiveProps&&y.componentWillReceiveProps(E,ne),n.__v==r.__v&&!(8&y.__g)||!(4&y.__g)&&y.shouldComponentUpdate&&!1===y.shouldComponentUpdate(E,y.__s,ne)){n.__v!=r.__v&&(y.props=E,y.state=y.__s,y.__g&=-9),n.__e=r.__e,n.__k=r.__k,n.__k.some(function(e){e&&(e.__=n)}),p.push.apply(y.__h,y.__k),y.__k=[],y.__h.length&&s.push(y),c=C(r);break n}y.componentWillUpdate&&y.componentWillUpdate(E,y.__s,ne),D&&y.componentDidUpdate&&y.__h.push(function(){y.componentDidUpdate(b,w,T)})}else D&&!pe.getDerivedStateFromProps&&y.componentWillMount&&y.componentWillMount(),D&&y.componentDidMount&&y.__h.push(y.componentDidMount);y.context=ne,y.props=E,y.__P=t,y.__g&=-5,re=e.__r,ie=D?25:0;do y.__g&=-9,re&&re(n),f=y.render(y.props,y.state=y.__s,y.context);while(8&y.__g&&++ie<25);D&&(p.push.apply(y.__h,y.__k),y.__k=[]),y.state=y.__s,y.getChildContext&&(i=_({},i,y.getChildContext())),D&&r.__c&&y.getSnapshotBeforeUpdate&&(T=y.getSnapshotBeforeUpdate(b,w)),ae=f&&f.type===x&&f.key==null?f.props.children:f,E.__P&&(f=c,a=(t=E.__P).namespaceURI,l=o=null,r.props&&r.props.__P!=t&&(r.__k.some(function(e){e&&me(e,e)}),r.__k=null),c=r.__k?C(r,0):null),c=ee(t,h(ae)?ae:[ae],n,r,i,a,o,s,c,l,u),E.__P&&(n.__e=null,c=f),n.__u&=-161,m&&m.some(v),y.__h.length&&s.push(y),1&y.__g&&(y.__g&=-4)}catch(t){if(s.length=g,n.__v=null,l||o){if(t&&t.then){if(n.__u|=128|l,o){for(~(ce=o.indexOf(c||void 0))||(ce=o.length);(de=o[ce-1])&&de.nodeType==8;)ce--;for(;ce<o.length;ce++)if(de=o[ce]){if(o[ce]=null,oe){if(de==se)break}else{if(de.nodeType!=8)break;de.data.startsWith(`$s`)&&(se=le(oe=de))}}}if(!oe){for(;c&&c.nodeType==8&&c.nextSibling;)c=c.nextSibling;oe=c}(f=le(oe=n.__c.__z||(n.__c.__z=oe)))?(n.__e=oe,c=f):n.__e=c,c&&=c.nextSibling}else o&&o.some(v)}else n.__e=r.__e;n.__k||=r.__k||[],t&&t.then||ue(n),e.__e(t,n,r)}}else c=n.__e=fe(r.__e,n,r,i,a,o,s,l,u,t);return(f=e.diffed)&&f(n),c}function le(e,t){if(e&&e.nodeType==8&&e.data.startsWith(`$s`))for(var n=1;e=e.nextSibling;){if(e.nodeType==8){if(e.data.startsWith(`$s`))n++;else if(e.data.startsWith(`/$s`)&&!--n)return e}t&&t.push(e)}}function ue(e){e&&(e.__c&&(e.__c.__g|=4),e.__k&&e.__k.some(ue))}function de(t,n,r){for(var i=0;i<r.length;)pe(r[i++],r[i++],r[i++]);e.__c&&e.__c(n,t),t.some(function(n){try{t=n.__h,n.__h=[],t.some(function(e){e.call(n)})}catch(t){e.__e(t,n.__v)}})}function fe(t,n,r,i,a,o,s,c,l,u){var d,p,_,y,b,x,S,w,T=r.props||f,E=n.props,D=n.type;if(D==`svg`?a=`http://www.w3.org/2000/svg`:D==`math`?a=`http://www.w3.org/1998/Math/MathML`:a||=`http://www.w3.org/1999/xhtml`,o){for(d=0;d<o.length;d++)if((b=o[d])&&(D?b.localName==D:b.nodeType==3)){t=b,o[d]=null;break}}if(!t){if(w=u.ownerDocument||document,!D)return w.createTextNode(E);t=w.createElementNS(a,D,E.is?E:u),c&&=(e.__m&&e.__m(n,o),!1),o=null}if(D){if(u=D==`template`&&t.content||t,o=D==`textarea`&&E.defaultValue!=null?null:o&&g.call(u.childNodes),!c&&o)for(T={},d=0;d<t.attributes.length;d++)T[(b=t.attributes[d]).name]=b.value;for(d in T)b=T[d],d==`dangerouslySetInnerHTML`?_=b:d==`children`||d in E||d==`value`&&`defaultValue`in E||d==`checked`&&`defaultChecked`in E||oe(t,d,null,b,a);for(d in E)b=E[d],d==`children`?y=b:d==`dangerouslySetInnerHTML`?p=b:d==`value`?x=b:d==`checked`?S=b:c&&typeof b!=`function`||T[d]===b||oe(t,d,b,T[d],a);p?(c||_&&(p.__html==_.__html||p.__html==t.innerHTML)||(t.innerHTML=p.__html),n.__k=[]):(_&&(t.textContent=``),(D==`foreignObject`||a==`http://www.w3.org/1998/Math/MathML`&&m.test(D))&&(a=`http://www.w3.org/1999/xhtml`),ee(u,h(y)?y:[y],n,r,i,a,o,s,o?o[0]:r.__k&&C(r,0),c,l),o&&o.some(v)),c&&D!=`textarea`||(d=`value`,D==`progress`&&x==null?t.removeAttribute(d):x==null||x===t[d]&&(D!=`progress`||x)||oe(t,d,x,T[d],a),d=`checked`,S!=null&&S!=t[d]&&oe(t,d,S,T[d],a))}else T===E||c&&t.data==E||(t.data=E);return t}function pe(t,n,r,i){try{typeof t==`function`?n?n.__x=t(n)||1:(i&&=i.__c||i.__e)&&(n=i.__x)&&(i.__x=null,typeof n==`function`?n():t(null)):t.current=n}catch(t){e.__e(t,r)}}function me(t,n,r){var i,a,o,s;if(e.unmount&&e.unmount(t),!(i=t.ref)||i.current&&i.current!=t.__e||pe(i,null,n,t),i=t.__c){if(i.componentWillUnmount)try{i.componentWillUnmount()}catch(t){e.__e(t,n)}i.__P=i.__n=null}if(i=t.__k)for(s=0;s<i.length;s++)i[s]&&me(i[s],n,typeof t.type!=`function`||r&&!t.props.__P);!r&&(i=t.__c)&&(i=i.__z)&&(a=le(i,o=[]))&&(i==t.__e&&o.some(v),v(a),v(i)),r||v(t.__e),t.__e=t.__c=t.__=null}function he(e,t,n){return this.constructor(e,n)}function ge(t,n){var r,i,a,o;e.__&&e.__(t,n),n.nodeType==9&&(n=n.documentElement),i=(r=t&&32&t.__u)?null:n.__k,n.__k=b(x,{children:[t]}),a=[],o=[],ce(n,n.__k,i||f,f,n.namespaceURI,i?null:n.firstChild?g.call(n.childNodes):null,a,i?i.__e:n.firstChild,r,o),de(a,n.__k,o),n.__k.props.children=null}e={__e:function(e,t,n,r){for(var i,o,s;t=t.__;)if((i=t.__c)&&!(1&i.__g)){i.__g|=4;try{if((s=(o=i.constructor)&&o.getDerivedStateFromError)&&i.setState(o.getDerivedStateFromError(e)),i.componentDidCatch&&(i.componentDidCatch(e,r||{}),s=1),s&&8&i.__g)return void(i.__g|=2)}catch(t){e=t}}throw a=0,e}},t=0,n=function(e){return e!=null&&e.constructor===d},S.prototype.setState=function(e,t){var n=this.__s;n&&n!=this.state||(n=this.__s=_({},this.state)),typeof e==`function`&&(e=e(_({},n),this.props)),e&&(_(n,e),this.__v&&(t&&this.__k.push(t),E(this)))},S.prototype.forceUpdate=function(e){this.__v&&(this.__g|=4,e&&this.__h.push(e),E(this))},S.prototype.render=x,r=[],a=0,o=function(e,t){return e.__v.__b-t.__v.__b},s=Symbol(),c=/(PointerCapture)$|Capture$/i,l=0,u={};var _e,O,ve,ye,be=Object.is,xe=0,Se=[],Ce=[],k=e,we=k.__b,Te=k.__r,Ee=k.diffed,De=k.__c,Oe=k.unmount,ke=k.__;function Ae(e,t){k.__h&&k.__h(O,e,xe||t),xe=0;var n=O.__H||(O.__H={__:[],__h:[]});return e>=n.__.length&&n.__.push({}),n.__[e]}function A(e){return xe=1,je(Ue,e)}function je(e,t,n){var r=Ae(_e++,2);if(r.t=e,!r.__c&&(r.__=[n?n(t):Ue(void 0,t),function(e){var t=(r.__N||r.__)[0],n=r.t(t,e);be(t,n)||(r.__N=[n,r.__[1]],r.__c.setState({}))}],r.__c=O,!O.__f)){O.__f=!0;var i=O.shouldComponentUpdate;O.shouldComponentUpdate=function(e,t,n){var r=this.__H;if(!r)return!0;var a=!1,o=this.props!=e;if(r.__.some(function(e){e.__N&&(a=!0,be(e.__[0],e.__N[0])||(o=!0))}),i){var s=i.call(this,e,t,n);return a?s||o:s}return!a||o}}return r.__}function j(e,t){var n=Ae(_e++,3);!k.__s&&He(n.__H,t)&&(n.__P=!0,n.__=e,n.u=t,O.__H.__h.push(n))}function Me(e,t){var n=Ae(_e++,4);!k.__s&&He(n.__H,t)&&(n.__P=!1,n.__=e,n.u=t,O.__h.push(n))}function Ne(e){return xe=5,Pe(function(){return{current:e}},[])}function Pe(e,t){var n=Ae(_e++,7);return He(n.__H,t)&&(n.__=e(),n.__H=t),n.__}function Fe(){var e=Ae(_e++,11);if(!e.__){for(var t=O.__v;!t.__m&&t.__;)t=t.__;var n=t.__m||(t.__m=[0,0]);e.__=`P`+n[0]+`-`+n[1]++}return e.__}function Ie(){var e;do{for(;e=Ce.shift();)try{Be(e)}catch(t){k.__e(t,{__:(e=e.__P)&&e.__v})}for(;e=Se.shift();){var t=e.__H;if(e.__P&&t)try{t.__h.some(Be),t.__h.some(Ve),t.__h=[]}catch(n){t.__h=[],k.__e(n,e.__v)}}}while(Ce.length)}k.__b=function(e){O=null,we&&we(e)},k.__=function(e,t){e&&t.__k&&t.__k.__m&&(e.__m=t.__k.__m),ke&&ke(e,t)},k.__r=function(e){Te&&Te(e),_e=0;var t=(O=e.__c).__H;t&&(ve==O?O.__h=[]:(t.__h.some(Be),t.__h.some(Ve),_e=0),t.__h=[],t.__.some(function(e){e.__N&&(e.__=e.__N),e.u=e.__N=void 0})),ve=O},k.diffed=function(e){Ee&&Ee(e);var t=e.__c;t&&t.__H&&(t.__H.__h.length&&ze(Se.push(t)),t.__H.__.some(function(e){e.u&&(e.__H=e.u)})),ve=O=null},k.__c=function(e,t){t.some(function(e){try{e.__h.some(Be),e.__h=e.__h.filter(function(e){return!e.__||Ve(e)})}catch(t){e.__h=[function(){throw t}]}}),De&&De(e,t)},k.unmount=function(e){Oe&&Oe(e);var t,n,r=e.__c;r&&r.__H&&(r.__H.__.some(function(r){try{if(r.__P&&r.__c){if(n===void 0){for(n=e.__;n&&(!n.__c||!n.__c.__P);)n=n.__;n&&=n.__c}r.__P=n,ze(Ce.push(r))}else Be(r)}catch(e){t=e}}),r.__H=void 0,t&&k.__e(t,r.__v))};var Le=typeof requestAnimationFrame==`function`;function Re(e){var t,n=function(){clearTimeout(r),Le&&cancelAnimationFrame(t),setTimeout(e)},r=setTimeout(n,35);Le&&(t=requestAnimationFrame(n))}function ze(e){e!=1&&ye==k.requestAnimationFrame||((ye=k.requestAnimationFrame)||Re)(Ie)}function Be(e){var t=O,n=e.__c;typeof n==`function`&&(e.__c=void 0,n()),O=t}function Ve(e){var t=O;e.__c=e.__(),O=t}function He(e,t){return!e||e.length!=t.length||t.some(function(t,n){return!be(t,e[n])})}function Ue(e,t){return typeof t==`function`?t(e):t}var We=()=>{let e=crypto.getRandomValues(new Uint8Array(16));return e[6]=e[6]&15|64,e[8]=e[8]&63|128,[...e].map(e=>e.toString(16).padStart(2,`0`)).join(``).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/,`$1-$2-$3-$4-$5`)},Ge={Name:[],Document:[`definitions`],OperationDefinition:[`description`,`name`,`variableDefinitions`,`directives`,`selectionSet`],VariableDefinition:[`description`,`variable`,`type`,`defaultValue`,`directives`],Variable:[`name`],SelectionSet:[`selections`],Field:[`alias`,`name`,`arguments`,`directives`,`selectionSet`],Argument:[`name`,`value`],FragmentSpread:[`name`,`directives`],InlineFragment:[`typeCondition`,`directives`,`selectionSet`],FragmentDefinition:[`description`,`name`,`variableDefinitions`,`typeCondition`,`directives`,`selectionSet`],IntValue:[],FloatValue:[],StringValue:[],BooleanValue:[],NullValue:[],EnumValue:[],ListValue:[`values`],ObjectValue:[`fields`],ObjectField:[`name`,`value`],Directive:[`name`,`arguments`],NamedType:[`name`],ListType:[`type`],NonNullType:[`type`],SchemaDefinition:[`description`,`directives`,`operationTypes`],OperationTypeDefinition:[`type`],ScalarTypeDefinition:[`description`,`name`,`directives`],ObjectTypeDefinition:[`description`,`name`,`interfaces`,`directives`,`fields`],FieldDefinition:[`description`,`name`,`arguments`,`type`,`directives`],InputValueDefinition:[`description`,`name`,`type`,`defaultValue`,`directives`],InterfaceTypeDefinition:[`description`,`name`,`interfaces`,`directives`,`fields`],UnionTypeDefinition:[`description`,`name`,`directives`,`types`],EnumTypeDefinition:[`description`,`name`,`directives`,`values`],EnumValueDefinition:[`description`,`name`,`directives`],InputObjectTypeDefinition:[`description`,`name`,`directives`,`fields`],DirectiveDefinition:[`description`,`name`,`arguments`,`directives`,`locations`],SchemaExtension:[`directives`,`operationTypes`],DirectiveExtension:[`name`,`directives`],ScalarTypeExtension:[`name`,`directives`],ObjectTypeExtension:[`name`,`interfaces`,`directives`,`fields`],InterfaceTypeExtension:[`name`,`interfaces`,`directives`,`fields`],UnionTypeExtension:[`name`,`directives`,`types`],EnumTypeExtension:[`name`,`directives`,`values`],InputObjectTypeExtension:[`name`,`directives`,`fields`],TypeCoordinate:[`name`],MemberCoordinate:[`name`,`memberName`],ArgumentCoordinate:[`name`,`fieldName`,`argumentName`],DirectiveCoordinate:[`name`],DirectiveArgumentCoordinate:[`name`,`argumentName`]};new Set(Object.keys(Ge));var Ke;(function(e){e.QUERY=`query`,e.MUTATION=`mutation`,e.SUBSCRIPTION=`subscription`})(Ke||={});function qe(e){return e===9||e===32}function Je(e,t){let n=e.replace(/"""/g,`\\"""`),r=n.split(/\r\n|[\n\r]/g),i=r.length===1,a=r.length>1&&r.slice(1).every(e=>e.length===0||qe(e.charCodeAt(0))),o=n.endsWith(`\\"""`),s=e.endsWith(`"`)&&!o,c=e.endsWith(`\\`),l=s||c,u=!(t!=null&&t.minimize)&&(!i||e.length>70||l||a||o),d=``,f=i&&qe(e.charCodeAt(0));return(u&&!f||a)&&(d+=`
`),d+=n,(u||l)&&(d+=`
`),`"""`+d+`"""`}var Ye=10,Xe=2;function Ze(e){return Qe(e,[])}function Qe(e,t){switch(typeof e){case`string`:return JSON.stringify(e);case`function`:return e.name?`[function ${e.name}]`:`[function]`;case`object`:return $e(e,t);default:return String(e)}}function $e(e,t){if(e===null)return`null`;if(t.includes(e))return`[Circular]`;let n=[...t,e];if(et(e)){let t=e.toJSON();if(t!==e)return typeof t==`string`?t:Qe(t,n)}else if(Array.isArray(e))return nt(e,n);return tt(e,n)}function et(e){return typeof e.toJSON==`function`}function tt(e,t){let n=Object.entries(e);return n.length===0?`{}`:t.length>Xe?`[`+rt(e)+`]`:`{ `+n.map(([e,n])=>e+`: `+Qe(n,t)).join(`, `)+` }`}function nt(e,t){if(e.length===0)return`[]`;if(t.length>Xe)return`[Array]`;let n=Math.min(Ye,e.length),r=e.length-n,i=[];for(let r=0;r<n;++r)i.push(Qe(e[r],t));return r===1?i.push(`... 1 more item`):r>1&&i.push(`... ${r} more items`),`[`+i.join(`, `)+`]`}function rt(e){let t=Object.prototype.toString.call(e).replace(/^\[object /,``).replace(/]$/,``);if(t===`Object`&&typeof e.constructor==`function`){let t=e.constructor.name;if(typeof t==`string`&&t!==``)return t}return t}function it(e){return`"${e.replace(at,ot)}"`}var at=/[\x00-\x1f\x22\x5c\x7f-\x9f]/g;function ot(e){return st[e.charCodeAt(0)]}var st=`\\u0000.\\u0001.\\u0002.\\u0003.\\u0004.\\u0005.\\u0006.\\u0007.\\b.\\t.\\n.\\u000B.\\f.\\r.\\u000E.\\u000F.\\u0010.\\u0011.\\u0012.\\u0013.\\u0014.\\u0015.\\u0016.\\u0017.\\u0018.\\u0019.\\u001A.\\u001B.\\u001C.\\u001D.\\u001E.\\u001F...\\"..........................................................\\\\...................................\\u007F.\\u0080.\\u0081.\\u0082.\\u0083.\\u0084.\\u0085.\\u0086.\\u0087.\\u0088.\\u0089.\\u008A.\\u008B.\\u008C.\\u008D.\\u008E.\\u008F.\\u0090.\\u0091.\\u0092.\\u0093.\\u0094.\\u0095.\\u0096.\\u0097.\\u0098.\\u0099.\\u009A.\\u009B.\\u009C.\\u009D.\\u009E.\\u009F`.split(`.`);function ct(e,t){let n=[],r={parent:[e],keys:void 0,results:[],index:-1},i;do{let e;r.index++;let a=r.keys===void 0?r.parent.length:r.keys.length;if(r.index===a)i=r.results,e=r.keys===void 0?void 0:r.results.kind,r=n.pop();else{if(i=r.keys===void 0?r.parent[r.index]:r.parent[r.keys[r.index]],i==null&&n.length!==0)continue;if(Array.isArray(i)){if(i.length!==0){n.push(r),r={parent:i,keys:void 0,results:[],index:-1};continue}}else{let t=i;e=t?.kind;let a=typeof e==`string`?Ge[e]:void 0;if(!Array.isArray(a))throw Error(`Invalid AST Node: ${Ze(i)}.`);if(a.length!==0){n.push(r),r={parent:t,keys:a,results:{...t},index:-1};continue}}}if(e!==void 0){let n=t[e];i=n?.(i)}r.keys===void 0?r.results.push(i):r.results[r.keys[r.index]]=i}while(n.length!==0);return i}function lt(e,t){return pt(ct(e,mt),t?.maxIndentDepth??1/0)}var ut=80,dt=class e{next=void 0;tail=this;indentBefore=!1;dedentAfter=!1;constructor(e=``,t=!1){this.length=e.length,this.lines=e.includes(`
`)?e.split(`
`):e,this.newlines=typeof this.lines==`string`?0:this.lines.length-1,this.isBlockString=t}append(t){if(t.length===0)return this;let n=typeof t==`string`?new e(t):t;return this.tail.next=n,this.tail=n.tail,this.length+=n.length,this.newlines+=n.newlines,this}indent(){return this.length===0||(this.indentBefore=!0,this.tail.dedentAfter=!0,this.length+=2*(this.newlines+1)),this}},ft=new dt;function pt(e,t){let n=``,r=``,i=0,a=``,o=e;for(;o!==void 0;){let e=o.lines;if(o.indentBefore&&(i<t&&(a+=`  `,r+=`  `),i++),typeof e==`string`)r+=e;else{r+=e[0];let s=!o.isBlockString&&i>=t?` `:`
`+a;for(let t=1;t<e.length;t++)n+=r,r=s+e[t]}o.dedentAfter&&(i--,a=a.slice(0,i*2)),o=o.next}return n+r}var mt={Name:e=>new dt(e.value),Variable:e=>M([`$`,e.name]),Document:e=>M(e.definitions,`

`),OperationDefinition(e){let t=_t(e.variableDefinitions)?N(`(
`,M(e.variableDefinitions,`
`),`
)`):N(`(`,M(e.variableDefinitions,`, `),`)`),n=M([N(``,e.description,`
`),M([e.operation,M([e.name,t]),M(e.directives,` `)],` `)]);return M([e.operation===`query`&&n.length===e.operation.length?``:M([n,` `]),e.selectionSet])},VariableDefinition:({variable:e,type:t,defaultValue:n,directives:r,description:i})=>M([N(``,i,`
`),e,`: `,t,N(` = `,n),N(` `,M(r,` `))]),SelectionSet:({selections:e})=>gt(e),Field({alias:e,name:t,arguments:n,directives:r,selectionSet:i}){return M([vt(M([N(``,e,`: `),t],``),n),N(` `,M(r,` `)),N(` `,i)])},Argument:({name:e,value:t})=>M([e,`: `,t]),FragmentSpread:({name:e,directives:t})=>M([`...`,e,N(` `,M(t,` `))]),InlineFragment:({typeCondition:e,directives:t,selectionSet:n})=>M([`...`,N(`on `,e),M(t,` `),n],` `),FragmentDefinition:({name:e,typeCondition:t,variableDefinitions:n,directives:r,selectionSet:i,description:a})=>M([N(``,a,`
`),`fragment `,e,N(`(`,M(n,`, `),`)`),` on `,t,` `,N(``,M(r,` `),` `),i]),IntValue:({value:e})=>new dt(e),FloatValue:({value:e})=>new dt(e),StringValue:({value:e,block:t})=>new dt(t===!0?Je(e):it(e),t===!0),BooleanValue:({value:e})=>new dt(e?`true`:`false`),NullValue:()=>new dt(`null`),EnumValue:({value:e})=>new dt(e),ListValue:({values:e})=>M([`[`,M(e,`, `),`]`]),ObjectValue:({fields:e})=>M([`{`,M(e,`, `),`}`]),ObjectField:({name:e,value:t})=>M([e,`: `,t]),Directive:({name:e,arguments:t})=>M([`@`,e,N(`(`,M(t,`, `),`)`)]),NamedType:({name:e})=>e,ListType:({type:e})=>M([`[`,e,`]`]),NonNullType:({type:e})=>M([e,`!`]),SchemaDefinition:({description:e,directives:t,operationTypes:n})=>M([N(``,e,`
`),M([`schema`,M(t,` `),gt(n)],` `)]),OperationTypeDefinition:({operation:e,type:t})=>M([e,`: `,t]),ScalarTypeDefinition:({description:e,name:t,directives:n})=>M([N(``,e,`
`),M([`scalar`,t,M(n,` `)],` `)]),ObjectTypeDefinition:({description:e,name:t,interfaces:n,directives:r,fields:i})=>M([N(``,e,`
`),M([`type`,t,N(`implements `,M(n,` & `)),M(r,` `),gt(i)],` `)]),FieldDefinition:({description:e,name:t,arguments:n,type:r,directives:i})=>M([N(``,e,`
`),t,_t(n)?N(`(
`,M(n,`
`).indent(),`
)`):N(`(`,M(n,`, `),`)`),`: `,r,N(` `,M(i,` `))]),InputValueDefinition:({description:e,name:t,type:n,defaultValue:r,directives:i})=>M([N(``,e,`
`),t,`: `,n,N(` = `,r),N(` `,M(i,` `))]),InterfaceTypeDefinition:({description:e,name:t,interfaces:n,directives:r,fields:i})=>M([N(``,e,`
`),M([`interface`,t,N(`implements `,M(n,` & `)),M(r,` `),gt(i)],` `)]),UnionTypeDefinition:({description:e,name:t,directives:n,types:r})=>M([N(``,e,`
`),M([`union`,t,M(n,` `),N(`= `,M(r,` | `))],` `)]),EnumTypeDefinition:({description:e,name:t,directives:n,values:r})=>M([N(``,e,`
`),M([`enum`,t,M(n,` `),gt(r)],` `)]),EnumValueDefinition:({description:e,name:t,directives:n})=>M([N(``,e,`
`),M([t,M(n,` `)],` `)]),InputObjectTypeDefinition:({description:e,name:t,directives:n,fields:r})=>M([N(``,e,`
`),M([`input`,t,M(n,` `),gt(r)],` `)]),DirectiveDefinition:({description:e,name:t,arguments:n,directives:r,repeatable:i,locations:a})=>M([N(``,e,`
`),`directive @`,t,_t(n)?N(`(
`,M(n,`
`).indent(),`
)`):N(`(`,M(n,`, `),`)`),N(` `,M(r,` `)),i?` repeatable`:``,` on `,M(a,` | `)]),SchemaExtension:({directives:e,operationTypes:t})=>M([`extend schema`,M(e,` `),gt(t)],` `),ScalarTypeExtension:({name:e,directives:t})=>M([`extend scalar`,e,M(t,` `)],` `),ObjectTypeExtension:({name:e,interfaces:t,directives:n,fields:r})=>M([`extend type`,e,N(`implements `,M(t,` & `)),M(n,` `),gt(r)],` `),InterfaceTypeExtension:({name:e,interfaces:t,directives:n,fields:r})=>M([`extend interface`,e,N(`implements `,M(t,` & `)),M(n,` `),gt(r)],` `),UnionTypeExtension:({name:e,directives:t,types:n})=>M([`extend union`,e,M(t,` `),N(`= `,M(n,` | `))],` `),EnumTypeExtension:({name:e,directives:t,values:n})=>M([`extend enum`,e,M(t,` `),gt(n)],` `),InputObjectTypeExtension:({name:e,directives:t,fields:n})=>M([`extend input`,e,M(t,` `),gt(n)],` `),DirectiveExtension:({name:e,directives:t})=>M([M([`extend directive @`,e]),M(t,` `)],` `),TypeCoordinate:({name:e})=>e,MemberCoordinate:({name:e,memberName:t})=>M([e,N(`.`,t)]),ArgumentCoordinate:({name:e,fieldName:t,argumentName:n})=>M([e,N(`.`,t),N(`(`,n,`:)`)]),DirectiveCoordinate:({name:e})=>M([`@`,e]),DirectiveArgumentCoordinate:({name:e,argumentName:t})=>M([`@`,e,N(`(`,t,`:)`)])};function M(e,t=``){if(e==null||e.length===0)return ft;let n=ft;for(let r of e)r!==void 0&&r.length!==0&&(n.length===0?n=typeof r==`string`?new dt(r):r:(t!==``&&n.append(t),n.append(r)));return n}function ht(e,t){let n=0;for(let r of e)r.length!==0&&(n+=(n===0?0:t.length)+r.length);return n}function gt(e){return N(`{
`,M(e,`
`).indent(),`
}`)}function N(e,t,n=``){return t!=null&&t.length!==0?e===``?t.append(n):new dt(e).append(t).append(n):ft}function _t(e){return e?.some(e=>e.newlines!==0)??!1}function vt(e,t){return t==null||t.length===0?e:M([e,e.length+ht(t,`, `)+2>ut?N(`(
`,M(t,`
`).indent(),`
)`):N(`(`,M(t,`, `),`)`)])}var P=class extends String{__meta__;constructor(e,t){super(e),this.__meta__=t}},yt=e=>e instanceof String?e.toString():lt(e),F=class extends Error{name=`NatterjackError`;code;field;retryAfter;requestId;data;errors;constructor(e,t,n={}){super(t),this.code=e,this.field=n.field??null,this.retryAfter=n.retryAfter??null,this.requestId=n.requestId??null,this.data=n.data,this.errors=n.errors??[]}},bt=class extends Error{name=`ConnectionError`;status;constructor(e,t={}){super(e,{cause:t.cause}),this.status=t.status??null}},xt=class extends Error{name=`OverflowError`},St=e=>typeof e==`object`&&!!e,Ct=e=>St(e)&&typeof e.message==`string`,wt=e=>typeof e==`string`,Tt=e=>{let t=Array.isArray(e)?e:St(e)&&e.errors;return Array.isArray(t)?t.filter(Ct):[]},Et=(e,t={})=>{let{message:n,extensions:r}=e[0]??{message:`the server has refused without a reason`},{code:i,field:a,retryAfter:o,requestId:s}=r??{};return new F(wt(i)?i:`INTERNAL`,n,{field:Array.isArray(a)?a.filter(wt):null,retryAfter:typeof o==`number`?o:null,requestId:wt(s)?s:null,errors:e,...t})},Dt=e=>{if(!e)throw new F(`INTERNAL`,`the mutation has answered nothing`);let[t]=e.errors;if(t)throw new F(t.code,t.message,{field:t.field??null});return e},Ot=e=>e instanceof bt||e instanceof F&&(e.code===`UNAVAILABLE`||e.code===`RATE_LIMITED`),kt=async e=>{let t=new Map;for(let n=null;;){let r=await e(n);for(let{id:e,revision:n,viewerMembership:i}of r?.nodes??[])i?.state===`JOINED`&&t.set(e,n);if(!r?.pageInfo.hasNextPage)return t;n=r.pageInfo.endCursor}},At=class{isResumable=!0;positions=new Map;#e=new Map;#t;#n;#r;#i;#a;constructor(e,t,n,r){this.#t=yt(e),this.#n=t,this.#r=n,this.#i=r,this.#a=n.positions!==void 0,this.#o(n.positions??[])}async begin(){this.#a||=(this.#o(await kt(this.#i)),!0);let{only:e,conversationIds:t}=this.#r,n=t&&new Set(t),r=[...this.#e].filter(([e])=>n?.has(e)??!0).map(([e,t])=>({conversationId:e,revision:t}));return{query:this.#t,variables:{...this.#n,only:e,conversationIds:t,after:r}}}take(e){let t=e.events;if(!(jt(t)&&t.revision<=(this.#e.get(t.conversation.id)??0)))return Mt(this.#e,t),t}hand(e){Mt(this.positions,e)}#o(e){for(let[t,n]of e)this.positions.set(t,n),this.#e.set(t,n)}},jt=e=>e.__typename===`MessageAdded`||e.__typename===`MessageChanged`,Mt=(e,t)=>{switch(t.__typename){case`MessageAdded`:case`MessageChanged`:case`Synced`:case`ResyncNeeded`:e.set(t.conversation.id,t.revision);break;case`MembershipChanged`:t.entered||e.delete(t.conversationId)}},Nt=new P(`
    mutation SendMessage($input: SendMessageInput!) {
  sendMessage(input: $input) {
    isRepeat
    message {
      ...MessageParts
    }
    errors {
      code
      field
      message
    }
  }
}
    fragment Person on User {
  id
  displayName
  username
  avatarUrl
}
fragment MessageParts on Message {
  id
  seq
  revision
  kind
  text
  clientId
  createdAt
  editedAt
  deletedAt
  status
  isPinned
  replyCount
  metadata
  author {
    ...Person
  }
  conversation {
    id
  }
  replyTo {
    id
  }
  attachments {
    url
    name
    contentType
    byteSize
  }
  reactions {
    emoji
    count
    isByViewer
  }
  notice {
    kind
    name
    role
    actor {
      ...Person
    }
    subject {
      ...Person
    }
  }
}`),Pt=new P(`
    subscription Events($after: [PositionInput!], $only: [EventKind!], $conversationIds: [ID!]) {
  events(after: $after, only: $only, conversationIds: $conversationIds) {
    __typename
    at
    ... on MessageAdded {
      revision
      conversation {
        id
      }
      message {
        ...MessageParts
      }
    }
    ... on MessageChanged {
      revision
      change
      conversation {
        id
      }
      message {
        ...MessageParts
      }
    }
    ... on Synced {
      revision
      conversation {
        ...ConversationParts
      }
    }
    ... on ResyncNeeded {
      revision
      conversation {
        id
      }
    }
    ... on ConversationChanged {
      conversation {
        ...ConversationParts
      }
    }
    ... on MembershipChanged {
      conversationId
      membership {
        role
        state
        isMuted
      }
      entered: conversation {
        ...ConversationParts
      }
    }
    ... on ReceiptChanged {
      conversation {
        id
      }
      user {
        id
      }
      deliveredSeq
      readSeq
    }
    ... on TypingChanged {
      conversation {
        id
      }
      user {
        ...Person
      }
      isTyping
    }
    ... on PresenceChanged {
      user {
        id
      }
      presence {
        isOnline
        lastSeenAt
      }
    }
    ... on UserChanged {
      user {
        ...Person
      }
    }
    ... on NotificationAdded {
      notification {
        id
        kind
        createdAt
        text
        actor {
          ...Person
        }
        conversation {
          id
        }
        message {
          id
        }
      }
    }
    ... on NotificationsSeen {
      unseenNotificationCount
    }
    ... on SessionExpiring {
      expiresAt
    }
  }
}
    fragment Person on User {
  id
  displayName
  username
  avatarUrl
}
fragment MessageParts on Message {
  id
  seq
  revision
  kind
  text
  clientId
  createdAt
  editedAt
  deletedAt
  status
  isPinned
  replyCount
  metadata
  author {
    ...Person
  }
  conversation {
    id
  }
  replyTo {
    id
  }
  attachments {
    url
    name
    contentType
    byteSize
  }
  reactions {
    emoji
    count
    isByViewer
  }
  notice {
    kind
    name
    role
    actor {
      ...Person
    }
    subject {
      ...Person
    }
  }
}
fragment ConversationParts on Conversation {
  id
  kind
  title
  visibility
  avatarUrl
  revision
  memberCount
  unreadCount
  viewerMembership {
    role
    state
    readSeq
    deliveredSeq
    isMuted
  }
}`),Ft=new P(`
    mutation Register($input: RegisterInput!) {
  register(input: $input) {
    ...SignedIn
  }
}
    fragment SignedIn on AuthPayload {
  isNewAccount
  tokens {
    accessToken
    expiresAt
    refreshToken
    refreshExpiresAt
  }
  viewer {
    id
  }
  errors {
    code
    field
    message
  }
}`),It=new P(`
    mutation Login($input: LoginInput!) {
  login(input: $input) {
    ...SignedIn
  }
}
    fragment SignedIn on AuthPayload {
  isNewAccount
  tokens {
    accessToken
    expiresAt
    refreshToken
    refreshExpiresAt
  }
  viewer {
    id
  }
  errors {
    code
    field
    message
  }
}`),Lt=new P(`
    mutation RequestLoginCode($to: CodeRecipient!) {
  requestLoginCode(input: {to: $to}) {
    code
    expiresAt
    errors {
      code
      field
      message
    }
  }
}
    `),Rt=new P(`
    mutation RefreshSession($refreshToken: String!) {
  refreshSession(input: {refreshToken: $refreshToken}) {
    ...SignedIn
  }
}
    fragment SignedIn on AuthPayload {
  isNewAccount
  tokens {
    accessToken
    expiresAt
    refreshToken
    refreshExpiresAt
  }
  viewer {
    id
  }
  errors {
    code
    field
    message
  }
}`),zt=new P(`
    mutation Logout {
  logout {
    endedSessionIds
    errors {
      code
      field
      message
    }
  }
}
    `),Bt=new P(`
    query Positions($after: String) {
  viewer {
    conversations(first: 100, after: $after) {
      nodes {
        id
        revision
        viewerMembership {
          state
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
    `),Vt=`application/graphql-response+json, application/json;q=0.9`,Ht=e=>typeof e==`object`&&!!e,Ut=async e=>{let t=await e.text();try{return JSON.parse(t)}catch{return null}},Wt=async(e,t,n,{token:r,signal:i})=>{let a=AbortSignal.timeout(e.timeout),o,s;try{o=await e.fetch(e.url,{method:`POST`,headers:{"content-type":`application/json`,accept:Vt,...r===null?{}:{authorization:`Bearer ${r}`}},body:JSON.stringify({query:yt(t),variables:n}),signal:i?AbortSignal.any([i,a]):a}),s=await Ut(o)}catch(t){throw i?.aborted?i.reason:new bt(a.aborted?`no answer within ${e.timeout} ms`:`the server cannot be reached`,{cause:t})}let c=Tt(s),l=Ht(s)?s.data:void 0;if(c.length>0)throw Et(c,{data:l,requestId:o.headers.get(`x-request-id`)});if(!Ht(l))throw new bt(`an answer that is none, ${o.status}`,{status:o.status});return l};function I(e){return e===null?`null`:Array.isArray(e)?`array`:typeof e}function Gt(e){return I(e)===`object`}function Kt(e){return Array.isArray(e)&&e.length>0&&e.every(e=>`message`in e)}function qt(e,t){return e.length<124?e:t}var Jt=(e=>(e[e.InternalServerError=4500]=`InternalServerError`,e[e.InternalClientError=4005]=`InternalClientError`,e[e.BadRequest=4400]=`BadRequest`,e[e.BadResponse=4004]=`BadResponse`,e[e.Unauthorized=4401]=`Unauthorized`,e[e.Forbidden=4403]=`Forbidden`,e[e.SubprotocolNotAcceptable=4406]=`SubprotocolNotAcceptable`,e[e.ConnectionInitialisationTimeout=4408]=`ConnectionInitialisationTimeout`,e[e.ConnectionAcknowledgementTimeout=4504]=`ConnectionAcknowledgementTimeout`,e[e.SubscriberAlreadyExists=4409]=`SubscriberAlreadyExists`,e[e.TooManyInitialisationRequests=4429]=`TooManyInitialisationRequests`,e))(Jt||{}),L=(e=>(e.ConnectionInit=`connection_init`,e.ConnectionAck=`connection_ack`,e.Ping=`ping`,e.Pong=`pong`,e.Subscribe=`subscribe`,e.Next=`next`,e.Error=`error`,e.Complete=`complete`,e))(L||{});function Yt(e){if(!Gt(e))throw Error(`Message is expected to be an object, but got ${I(e)}`);if(!e.type)throw Error(`Message is missing the 'type' property`);if(typeof e.type!=`string`)throw Error(`Message is expects the 'type' property to be a string, but got ${I(e.type)}`);switch(e.type){case`connection_init`:case`connection_ack`:case`ping`:case`pong`:if(e.payload!=null&&!Gt(e.payload))throw Error(`"${e.type}" message expects the 'payload' property to be an object or nullish or missing, but got "${e.payload}"`);break;case`subscribe`:if(typeof e.id!=`string`)throw Error(`"${e.type}" message expects the 'id' property to be a string, but got ${I(e.id)}`);if(!e.id)throw Error(`"${e.type}" message requires a non-empty 'id' property`);if(!Gt(e.payload))throw Error(`"${e.type}" message expects the 'payload' property to be an object, but got ${I(e.payload)}`);if(typeof e.payload.query!=`string`)throw Error(`"${e.type}" message payload expects the 'query' property to be a string, but got ${I(e.payload.query)}`);if(e.payload.variables!=null&&!Gt(e.payload.variables))throw Error(`"${e.type}" message payload expects the 'variables' property to be a an object or nullish or missing, but got ${I(e.payload.variables)}`);if(e.payload.operationName!=null&&I(e.payload.operationName)!==`string`)throw Error(`"${e.type}" message payload expects the 'operationName' property to be a string or nullish or missing, but got ${I(e.payload.operationName)}`);if(e.payload.extensions!=null&&!Gt(e.payload.extensions))throw Error(`"${e.type}" message payload expects the 'extensions' property to be a an object or nullish or missing, but got ${I(e.payload.extensions)}`);break;case`next`:if(typeof e.id!=`string`)throw Error(`"${e.type}" message expects the 'id' property to be a string, but got ${I(e.id)}`);if(!e.id)throw Error(`"${e.type}" message requires a non-empty 'id' property`);if(!Gt(e.payload))throw Error(`"${e.type}" message expects the 'payload' property to be an object, but got ${I(e.payload)}`);break;case`error`:if(typeof e.id!=`string`)throw Error(`"${e.type}" message expects the 'id' property to be a string, but got ${I(e.id)}`);if(!e.id)throw Error(`"${e.type}" message requires a non-empty 'id' property`);if(!Kt(e.payload))throw Error(`"${e.type}" message expects the 'payload' property to be an array of GraphQL errors, but got ${JSON.stringify(e.payload)}`);break;case`complete`:if(typeof e.id!=`string`)throw Error(`"${e.type}" message expects the 'id' property to be a string, but got ${I(e.id)}`);if(!e.id)throw Error(`"${e.type}" message requires a non-empty 'id' property`);break;default:throw Error(`Invalid message 'type' property "${e.type}"`)}return e}function Xt(e,t){return Yt(typeof e==`string`?JSON.parse(e,t):e)}function Zt(e,t){return Yt(e),JSON.stringify(e,t)}function Qt(e){let{url:t,connectionParams:n,lazy:r=!0,onNonLazyError:i=console.error,lazyCloseTimeout:a=0,keepAlive:o=0,disablePong:s,connectionAckWaitTimeout:c=0,retryAttempts:l=5,retryWait:u=async function(e){let t=2**e;await new Promise(e=>setTimeout(e,t*1e3+Math.floor(Math.random()*2700+300)))},shouldRetry:d=en,on:f,webSocketImpl:p,generateID:m=function(){return`xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx`.replace(/[xy]/g,e=>{let t=Math.random()*16|0;return(e==`x`?t:t&3|8).toString(16)})},jsonMessageReplacer:h,jsonMessageReviver:g}=e,_;if(p){if(!nn(p))throw Error(`Invalid WebSocket implementation provided`);_=p}else typeof WebSocket<`u`?_=WebSocket:typeof global<`u`?_=global.WebSocket||global.MozWebSocket:typeof window<`u`&&(_=window.WebSocket||window.MozWebSocket);if(!_)throw Error("WebSocket implementation missing; on Node you can `import WebSocket from 'ws';` and pass `webSocketImpl: WebSocket` to `createClient`");let v=_,y=(()=>{let e=(()=>{let e={};return{on(t,n){return e[t]=n,()=>{delete e[t]}},emit(t){`id`in t&&e[t.id]?.(t)}}})(),t={connecting:f?.connecting?[f.connecting]:[],opened:f?.opened?[f.opened]:[],connected:f?.connected?[f.connected]:[],ping:f?.ping?[f.ping]:[],pong:f?.pong?[f.pong]:[],message:f?.message?[e.emit,f.message]:[e.emit],closed:f?.closed?[f.closed]:[],error:f?.error?[f.error]:[]};return{onMessage:e.on,on(e,n){let r=t[e];return r.push(n),()=>{let e=r.indexOf(n);e>-1&&r.splice(e,1)}},emit(e,...n){for(let r of[...t[e]])r(...n)}}})();function b(e){let t=[y.on(`error`,n=>{t.forEach(e=>e()),e(n)}),y.on(`closed`,n=>{t.forEach(e=>e()),e(n)})];return()=>t.forEach(e=>e())}let x,S=0,C,w=!1,T=0,E=!1;async function D(){clearTimeout(C);let[e,r]=await(x??=new Promise((e,r)=>(async()=>{if(w){if(await u(T),!S)return x=void 0,r({code:1e3,reason:`All Subscriptions Gone`});T++}y.emit(`connecting`,w);let i=new v(typeof t==`function`?await t():t,`graphql-transport-ws`),a,l;function d(){isFinite(o)&&o>0&&(clearTimeout(l),l=setTimeout(()=>{i.readyState===v.OPEN&&(i.send(Zt({type:L.Ping})),y.emit(`ping`,!1,void 0))},o))}b(e=>{x=void 0,clearTimeout(a),clearTimeout(l),r(e),e instanceof $t&&(i.close(4499,`Terminated`),i.onerror=null,i.onclose=null)}),i.onerror=e=>y.emit(`error`,e),i.onclose=e=>y.emit(`closed`,e),i.onopen=async()=>{try{y.emit(`opened`,i);let e=typeof n==`function`?await n():n;if(i.readyState!==v.OPEN)return;i.send(Zt(e?{type:L.ConnectionInit,payload:e}:{type:L.ConnectionInit},h)),isFinite(c)&&c>0&&(a=setTimeout(()=>{i.close(Jt.ConnectionAcknowledgementTimeout,`Connection acknowledgement timeout`)},c)),d()}catch(e){y.emit(`error`,e),i.close(Jt.InternalClientError,qt(e instanceof Error?e.message:String(e),`Internal client error`))}};let f=!1;i.onmessage=({data:t})=>{try{let n=Xt(t,g);if(y.emit(`message`,n),n.type===`ping`||n.type===`pong`){y.emit(n.type,!0,n.payload),n.type===`pong`?d():s||(i.send(Zt(n.payload?{type:L.Pong,payload:n.payload}:{type:L.Pong},h)),y.emit(`pong`,!1,n.payload));return}if(f)return;if(n.type!==L.ConnectionAck)throw Error(`First message cannot be of type ${n.type}`);clearTimeout(a),f=!0,y.emit(`connected`,i,n.payload,w),w=!1,T=0;let r=new Promise((e,t)=>b(t));r.catch(()=>{}),e([i,r])}catch(e){i.onmessage=null,y.emit(`error`,e),i.close(Jt.BadResponse,qt(e instanceof Error?e.message:String(e),`Bad response`))}}})()));e.readyState===v.CLOSING&&await r;let i=()=>{},l=new Promise(e=>i=e);return[e,i,new Promise((t,n)=>{let i=b(n);e.readyState!==v.OPEN&&r.catch(n),l.then(()=>{if(i(),!S){let t=()=>e.close(1e3,`Normal Closure`);isFinite(a)&&a>0?(clearTimeout(C),C=setTimeout(()=>{!S&&e.readyState===v.OPEN&&t()},a)):t()}t()})})]}function ee(e){if(en(e)&&(tn(e.code)||[Jt.InternalServerError,Jt.InternalClientError,Jt.BadRequest,Jt.BadResponse,Jt.Unauthorized,Jt.SubprotocolNotAcceptable,Jt.SubscriberAlreadyExists,Jt.TooManyInitialisationRequests].includes(e.code)))throw e;if(E)return!1;if(en(e)&&e.code===1e3)return S>0;if(!l||T>=l||!d(e))throw e;return w=!0}r||(async()=>{for(S++;;)try{let[,,e]=await D();await e}catch(e){try{if(!ee(e))return}catch(e){return i?.(e)}}})();function te(e,t){let n=m(e),r=!1,i=!1,a=()=>{S--,r=!0};return(async()=>{for(S++;;)try{let[o,s,c]=await D();if(r)return c.catch(()=>{}),s();let l=y.onMessage(n,e=>{switch(e.type){case L.Next:t.next(e.payload);return;case L.Error:i=!0,r=!0,t.error(e.payload),a();return;case L.Complete:r=!0,a();return}});o.send(Zt({id:n,type:L.Subscribe,payload:e},h)),a=()=>{!r&&o.readyState===v.OPEN&&o.send(Zt({id:n,type:L.Complete},h)),S--,r=!0,s()},await c.finally(l);return}catch(e){if(!ee(e))return}})().then(()=>{i||t.complete()}).catch(e=>{t.error(e)}),()=>{r||a()}}return{on:y.on,subscribe:te,iterate(e){let t=[],n={done:!1,error:null,resolve:()=>{}},r=te(e,{next(e){t.push(e),n.resolve()},error(e){n.done=!0,n.error=e,n.resolve()},complete(){n.done=!0,n.resolve()}}),i=async function*(){for(;;){for(t.length||await new Promise(e=>n.resolve=e);t.length;)yield t.shift();if(n.error)throw n.error;if(n.done)return}}();return i.throw=async e=>(n.done||(n.done=!0,n.error=e,n.resolve()),{done:!0,value:void 0}),i.return=async()=>(r(),{done:!0,value:void 0}),i},async dispose(){if(E=!0,x){let[e]=await x;e.close(1e3,`Normal Closure`)}},terminate(){x&&y.emit(`closed`,new $t)}}}var $t=class extends Error{name=`TerminatedCloseEvent`;message=`4499: Terminated`;code=4499;reason=`Terminated`;wasClean=!1};function en(e){return Gt(e)&&`code`in e&&`reason`in e}function tn(e){return![1e3,1001,1006,1005,1012,1013,1014].includes(e)&&e>=1e3&&e<=1999}function nn(e){return typeof e==`function`&&`constructor`in e&&`CLOSED`in e&&`CLOSING`in e&&`CONNECTING`in e&&`OPEN`in e}var rn=class{#e=new Set;add(e){let t=t=>e(t);return this.#e.add(t),()=>void this.#e.delete(t)}tell(e){for(let t of[...this.#e])t(e)}},an=e=>Math.random()*Math.min(15e3,500*2**Math.min(e,10)),on=(e,t)=>new Promise((n,r)=>{if(t?.aborted)return r(t.reason);let i=()=>{clearTimeout(a),r(t?.reason)},a=setTimeout(()=>{t?.removeEventListener(`abort`,i),n()},e);t?.addEventListener(`abort`,i,{once:!0})}),sn=async(e,{limit:t,delay:n,signal:r})=>{let i=Date.now()+t;for(let t=0;;t+=1)try{return await e()}catch(e){let a=(e instanceof F?(e.retryAfter??0)*1e3:0)+n(t);if(!Ot(e)||Date.now()+a>i)throw e;await on(a,r)}},cn=2e4,ln=12e3,un=8e3,dn=5e3,fn=3e3,pn=(e,t)=>typeof e==`object`&&!!e&&t.includes(e.code),mn=e=>pn(e,[4401,4403]),hn=e=>pn(e,[4400,4406,4409,4429]),gn=e=>e.replace(/^http/,`ws`),_n=class{changes=new rn;#e;#t;#n=new AbortController;#r;#i=`idle`;#a=0;#o=0;#s=null;#c=null;#l=()=>{};#u=null;#d=null;#f;constructor(e,t,n,r){this.#e=t,this.#t=n,this.#r=Qt({url:gn(e),...r?{webSocketImpl:r}:{},retryAttempts:0,lazyCloseTimeout:fn,connectionAckWaitTimeout:cn,keepAlive:ln,connectionParams:()=>this.#m(),on:{connecting:()=>this.#h(),connected:()=>this.#g(),ping:e=>e||this.#v(un),pong:e=>e&&this.#y(),closed:e=>this.#_(e),error:()=>this.#_(null)}}),globalThis.addEventListener?.(`online`,this.#p)}get state(){return this.#i}hold(){this.#a+=1;let e=!0;return()=>{e&&(e=!1,--this.#a,this.#a===0&&this.#i===`waiting`&&this.#b(`idle`))}}subscribe(e,t){return this.#r.subscribe({...e},{next:e=>{e.data&&(this.#o=0),t.next(e)},error:e=>t.error(e),complete:()=>t.complete()})}pause(){if(this.#c)return this.#c;this.#a>0&&this.#b(`waiting`);let e=new AbortController;this.#l=()=>e.abort();let t=AbortSignal.any([e.signal,this.#n.signal]);return this.#c=on(this.#t(this.#o),t).catch(()=>{}).finally(()=>{this.#c=null}),this.#o+=1,this.#c}cut(){this.#r.terminate()}close(){globalThis.removeEventListener?.(`online`,this.#p),this.#n.abort(),clearTimeout(this.#f),this.#r.terminate(),this.#b(`idle`)}#p=()=>this.#l();async#m(){let e=await this.#e.accessToken();return e!==null&&e===this.#d&&(e=await this.#e.tokenAfter(e)),this.#u=e,e===null?void 0:{authorization:`Bearer ${e}`}}#h(){this.#b(`connecting`),this.#v(cn)}#g(){clearTimeout(this.#f),this.#s=Date.now(),this.#b(`open`)}#_(e){clearTimeout(this.#f),mn(e)&&(this.#d=this.#u),this.#s!==null&&Date.now()-this.#s>=dn&&(this.#o=0),this.#s=null,this.#b(this.#a>0?`waiting`:`idle`)}#v(e){clearTimeout(this.#f),this.#f=setTimeout(()=>this.cut(),e)}#y(){clearTimeout(this.#f)}#b(e){e!==this.#i&&(this.#i=e,this.changes.tell(e))}},vn=8e3,yn=5e3,bn=6e4,xn=e=>{try{let t=(e.split(`.`)[1]??``).replaceAll(`-`,`+`).replaceAll(`_`,`/`),{iat:n,exp:r}=JSON.parse(atob(t));return typeof n==`number`&&typeof r==`number`&&r>n?(r-n)*1e3:null}catch{return null}},Sn=e=>{let{tokens:t,viewer:n}=Dt(e);if(!t||!n)throw new F(`INTERNAL`,`the server has signed in nobody, and says not why`);let r=Date.now(),i=xn(t.accessToken)??Date.parse(t.expiresAt)-r;return{accessToken:t.accessToken,refreshToken:t.refreshToken,renewAt:r+i-Math.min(bn,i/5),endsAt:t.refreshExpiresAt,viewerId:n.id}},Cn=e=>({viewerId:e.viewerId,endsAt:e.endsAt}),wn=()=>new F(`UNAUTHENTICATED`,`the session is over: sign in again`),Tn=[`WRONG_CREDENTIALS`,`UNAUTHENTICATED`,`NOT_FOUND`,`INVALID_INPUT`],En=class{loaded;changes=new rn;#e;#t;#n;#r;#i=null;#a=null;#o=null;constructor(e,t,n){this.#e=e,this.#t=t,this.#n=n;let r=t.load();r instanceof Promise?(this.loaded=r.then(e=>this.#s(e)),this.loaded.catch(()=>{})):(this.loaded=Promise.resolve(),this.#s(r)),this.#r=t.onChange?.(()=>void this.#c().catch(()=>{}))??(()=>{})}get session(){return this.#a}async accessToken(){return await this.loaded,this.#i?Date.now()<this.#i.renewAt?this.#i.accessToken:this.#l():null}async tokenAfter(e){if(!this.#i)throw wn();return this.#i.accessToken===e?this.#l():this.#i.accessToken}async begin(e){let t=Sn(Dt(e));return this.#s(t),await this.#t.save(t),Cn(t)}async end(){this.#s(null),await this.#t.save(null)}close(){this.#r()}#s(e){let t=this.#a;this.#i=e,e?.viewerId===t?.viewerId?e&&(this.#a=Cn(e)):(this.#a=e&&Cn(e),this.changes.tell(this.#a))}async#c(){this.#s(await this.#t.load())}#l(){return this.#o??=this.#u(()=>this.#d()).finally(()=>{this.#o=null}),this.#o}#u(e){let t=typeof navigator>`u`?void 0:navigator.locks;return t?t.request(`natterjack ${this.#e.url}`,e):e()}async#d(){let e=this.#i;if(!e)throw wn();let t=await this.#t.load();if(t?.refreshToken!==e.refreshToken){if(this.#s(t),!t)throw wn();return t.accessToken}let n=await this.#f(e);return this.#i===e?(this.#s(n),await this.#t.save(n),n.accessToken):this.#i?this.#i.accessToken:Promise.reject(wn())}async#f(e){let t={...this.#e,timeout:Math.min(this.#e.timeout,yn)},n=()=>Wt(t,Rt,{refreshToken:e.refreshToken},{token:null});try{let{refreshSession:e}=await sn(n,{limit:vn,delay:this.#n});return Sn(Dt(e))}catch(t){throw!(t instanceof F)||!Tn.includes(t.code)?t:(this.#i===e&&await this.end(),wn())}}},Dn=()=>{let e=null;return{load:()=>e,save:t=>{e=t}}},On=e=>{if(typeof e!=`object`||!e)return!1;let{accessToken:t,refreshToken:n,renewAt:r,endsAt:i,viewerId:a}=e;return[t,n,i,a].every(e=>typeof e==`string`)&&typeof r==`number`},kn=e=>{try{let t=JSON.parse(e??`null`);return On(t)?t:null}catch{return null}},An=(e=`natterjack.tokens`,t=localStorage)=>({load:()=>kn(t.getItem(e)),save:n=>n?t.setItem(e,JSON.stringify(n)):t.removeItem(e),onChange:t=>{let n=n=>{(n.key===e||n.key===null)&&t()};return addEventListener(`storage`,n),()=>removeEventListener(`storage`,n)}}),jn={done:!0,value:void 0},Mn=e=>e?.data??null,Nn=e=>e instanceof F?e:Array.isArray(e)?Et(Tt(e)):hn(e)?new F(`QUERY_REFUSED`,`${e.code}: ${e.reason}`):null,Pn=class{#e;#t;#n;#r;#i=[];#a=[];#o;#s=!1;#c=!1;#l=null;#u=()=>{};#d=()=>{};constructor(e,t,n,r,i){this.#e=e,this.#t=t,this.#n=n,this.#r=r,this.#o=i}[Symbol.asyncIterator](){return this}next(){this.#s||(this.#s=!0,this.#c||this.#h());let[e]=this.#i.splice(0,1);if(e!==void 0)return this.#f(e),Promise.resolve({done:!1,value:e});if(this.#l){let{error:e}=this.#l;return this.#l=null,Promise.reject(e)}return this.#c?Promise.resolve(jn):new Promise((e,t)=>this.#a.push({resolve:e,reject:t}))}return(){return this.#i.length=0,this.#l=null,this.#m(),Promise.resolve(jn)}#f(e){this.#n.hand?.(e),this.#i.length===0&&this.#d()}#p(e){let t=this.#a.shift();t?(this.#f(e),t.resolve({done:!1,value:e})):(this.#i.push(e),this.#i.length>=this.#r&&this.#u(`full`))}#m(e=null){if(this.#c)return;this.#c=!0,this.#u(`returned`),this.#d(),this.#o();let t=this.#a.shift();e&&t?t.reject(e.error):this.#l=e;for(let e of this.#a.splice(0))e.resolve(jn);e||t?.resolve(jn)}async#h(){let e=this.#e.hold();try{await this.#t.loaded;let e=this.#t.session?.viewerId;for(;!this.#c;){if(!e||this.#t.session?.viewerId!==e)throw wn();let t=await this.#_();if(this.#c||!await this.#g(t))return this.#m()}}catch(e){this.#m({error:e})}finally{e()}}async#g(e){let{isResumable:t}=this.#n;if(e===`full`){if(!t)throw new xt(`more than ${this.#r} results were not taken in time`);this.#i.length>0&&await new Promise(e=>this.#d=e)}else if(e===`cut`||t)await this.#e.pause();else return!1;return!0}async#_(){try{let e=await this.#n.begin();return this.#c?`returned`:await this.#v(e)}catch(e){if(!Ot(e))throw e;return e instanceof F&&e.retryAfter&&await on(e.retryAfter*1e3),`cut`}}#v(e){return new Promise((t,n)=>{let r=!1,i=e=>{r||(r=!0,queueMicrotask(()=>a()),t(e))};this.#u=i;let a=this.#e.subscribe(e,{next:e=>{if(!r)try{this.#y(e)}catch(e){n(e),i(`cut`)}},error:e=>{if(r)return;r=!0;let i=Nn(e);i?n(i):t(`cut`)},complete:()=>i(`complete`)})})}#y(e){let t=Mn(e);if(t===null)throw Et(Tt(e));let n=this.#n.take(t);n!==void 0&&this.#p(n)}},Fn=6e4,In=256,Ln=e=>{let{href:t,protocol:n}=new URL(e,globalThis.location?.href);if(n!==`http:`&&n!==`https:`)throw TypeError(`not by http or https: ${e}`);return t},Rn=(e,t)=>e instanceof F&&e.code===t,zn=class{#e;#t;#n;#r;#i=new Set;#a=new AbortController;constructor(e){let t=Ln(e.url);this.#r=e.retryDelay??an;let n=e.fetch??((e,t)=>fetch(e,t));this.#e={url:t,fetch:n,timeout:e.timeout??35e3},this.#t=new En(this.#e,e.storage??Dn(),this.#r),this.#n=new _n(t,this.#t,this.#r,e.webSocket),this.#t.changes.add(()=>this.#n.cut())}async restore(){return await this.#t.loaded,this.session}get session(){return this.#t.session}onSession(e){return this.#t.changes.add(e)}get connection(){return this.#n.state}onConnection(e){return this.#n.changes.add(e)}async register(e){let{register:t}=await Wt(this.#e,Ft,{input:e},{token:null});return this.#t.begin(t)}signIn({username:e,...t}){return this.#o({password:{login:e,...t}})}async requestCode(e){let{requestLoginCode:t}=await Wt(this.#e,Lt,{to:e},{token:null});return Dt(t)}signInWithCode(e){return this.#o({code:e})}signInWithToken(e){return this.#o({external:e})}async signOut(){let e=await this.#t.accessToken().catch(()=>null);if(await this.#t.end(),e!==null)try{await Wt(this.#e,zt,{},{token:e})}catch(e){if(!Rn(e,`UNAUTHENTICATED`))throw e}}request(e,...[t,n]){return this.#s(e,t??{},n??{})}subscribe(e,...[t,n]){let r={query:yt(e),variables:{...t}};return this.#l({begin:()=>Promise.resolve(r),take:e=>e,isResumable:!1},n)}events(e={}){let{document:t=Pt,variables:n={},buffer:r,...i}=e,a=new At(t,{...n},i,async e=>{let{viewer:t}=await this.#s(Bt,{after:e},{});if(!t)throw wn();return t.conversations}),{positions:o}=a;return Object.assign(this.#l(a,{...r===void 0?{}:{buffer:r}}),{positions:o})}async sendMessage(e,t={}){let{conversationId:n,userId:r,...i}=e,a=n===void 0?{userId:r??``}:{conversationId:n},o={...i,to:a,clientId:i.clientId??We()},s=Dt((await this.#s(Nt,{input:o},{retryFor:Fn,...t})).sendMessage);if(!s.message)throw new F(`INTERNAL`,`the server has sent nothing, and says not why`);return{message:s.message,isRepeat:s.isRepeat}}close(){this.#a.abort();for(let e of[...this.#i])e.return();this.#n.close(),this.#t.close()}async#o(e){let{login:t}=await Wt(this.#e,It,{input:e},{token:null});return this.#t.begin(t)}#s(e,t,{signal:n,retryFor:r=0}){return sn(()=>this.#c(r=>Wt(this.#e,e,t,{token:r,signal:n})),{limit:r,delay:this.#r,signal:n})}async#c(e){let t=await this.#t.accessToken();try{return await e(t)}catch(n){if(t===null||!Rn(n,`UNAUTHENTICATED`))throw n;return e(await this.#t.tokenAfter(t))}}#l(e,{buffer:t=In}={}){let n=new Pn(this.#n,this.#t,e,t,()=>this.#i.delete(n));return this.#a.signal.aborted?n.return():this.#i.add(n),n}},Bn=e=>new zn(e),Vn=Symbol.for(`preact-signals`);function Hn(){if(qn>1)qn--;else{var e,t=!1;for((function(){var e=Zn;for(Zn=void 0;e!==void 0;){var t=e.S;if(t.v===e.v)for(var n=t.t;n!==void 0;n=n.x)n.i===e.i&&(n.i=t.i);e=e.o}})();Kn!==void 0;){var n=Kn;for(Kn=void 0,Jn++;n!==void 0;){var r=n.u;if(n.u=void 0,n.f&=-3,!(8&n.f)&&er(n))try{n.c()}catch(n){t||=(e=n,!0)}n=r}}if(Jn=0,qn--,t)throw e}}function Un(e){if(qn>0)return e();Xn=++Yn,qn++;try{return e()}finally{Hn()}}var Wn,R=void 0;function Gn(e){var t=R,n=Wn;R=void 0,Wn=void 0;try{return e()}finally{R=t,Wn=n}}var Kn=void 0,qn=0,Jn=0,Yn=0,Xn=0,Zn=void 0,Qn=0;function $n(e){if(R!==void 0){var t=e.n;if(t===void 0||t.t!==R)return t={i:0,S:e,p:R.s,n:void 0,t:R,e:void 0,x:void 0,r:t},R.s!==void 0&&(R.s.n=t),R.s=t,e.n=t,32&R.f&&e.S(t),t;if(t.i===-1)return t.i=0,t.n!==void 0&&(t.n.p=t.p,t.p!==void 0&&(t.p.n=t.n),t.p=R.s,t.n=void 0,R.s.n=t,R.s=t),t}}function z(e,t){this.v=e,this.i=0,this.n=void 0,this.t=void 0,this.l=0,this.W=t?.watched,this.Z=t?.unwatched,this.name=t?.name}z.prototype.brand=Vn,z.prototype.h=function(){return!0},z.prototype.S=function(e){var t=this,n=this.t;n!==e&&e.e===void 0&&(e.x=n,this.t=e,n===void 0?Gn(function(){var e;(e=t.W)==null||e.call(t)}):n.e=e)},z.prototype.U=function(e){var t=this;if(this.t!==void 0){var n=e.e,r=e.x;n!==void 0&&(n.x=r,e.e=void 0),r!==void 0&&(r.e=n,e.x=void 0),e===this.t&&(this.t=r,r===void 0&&Gn(function(){var e;(e=t.Z)==null||e.call(t)}))}},z.prototype.subscribe=function(e){var t=this;return lr(function(){var n=t.value;Gn(function(){return e(n)})},{name:`sub`})},z.prototype.valueOf=function(){return this.value},z.prototype.toString=function(){return this.value+``},z.prototype.toJSON=function(){return this.value},z.prototype.peek=function(){var e=this;return Gn(function(){return e.value})},Object.defineProperty(z.prototype,"value",{get:function(){var e=$n(this);return e!==void 0&&(e.i=this.i),this.v},set:function(e){if(e!==this.v){if(Jn>100)throw Error(`Cycle detected`);(function(e){qn!==0&&Jn===0&&e.l!==Xn&&(e.l=Xn,Zn={S:e,v:e.v,i:e.i,o:Zn})})(this),this.v=e,this.i++,Qn++,qn++;try{for(var t=this.t;t!==void 0;t=t.x)t.t.N()}finally{Hn()}}}});function B(e,t){return new z(e,t)}function er(e){for(var t=e.s;t!==void 0;t=t.n)if(t.S.i!==t.i||!t.S.h()||t.S.i!==t.i)return!0;return!1}function tr(e){for(var t=e.s;t!==void 0;t=t.n){var n=t.S.n;if(n!==void 0&&(t.r=n),t.S.n=t,t.i=-1,t.n===void 0){e.s=t;break}}}function nr(e){for(var t=e.s,n=void 0;t!==void 0;){var r=t.p;t.i===-1?(t.S.U(t),r!==void 0&&(r.n=t.n),t.n!==void 0&&(t.n.p=r)):n=t,t.S.n=t.r,t.r!==void 0&&(t.r=void 0),t=r}e.s=n}function rr(e,t){z.call(this,void 0,t),this.x=e,this.s=void 0,this.g=Qn-1,this.f=4}rr.prototype=new z,rr.prototype.h=function(){if(this.f&=-3,1&this.f)return!1;if((36&this.f)==32||(this.f&=-5,this.g===Qn))return!0;if(this.g=Qn,this.f|=1,this.i>0&&!er(this))return this.f&=-2,!0;var e=R;try{tr(this),R=this;var t=this.x();(16&this.f||this.v!==t||this.i===0)&&(this.v=t,this.f&=-17,this.i++)}catch(e){this.v=e,this.f|=16,this.i++}return R=e,nr(this),this.f&=-2,!0},rr.prototype.S=function(e){if(this.t===void 0){this.f|=36;for(var t=this.s;t!==void 0;t=t.n)t.S.S(t)}z.prototype.S.call(this,e)},rr.prototype.U=function(e){if(this.t!==void 0&&(z.prototype.U.call(this,e),this.t===void 0)){this.f&=-33;for(var t=this.s;t!==void 0;t=t.n)t.S.U(t)}},rr.prototype.N=function(){if(!(2&this.f)){this.f|=6;for(var e=this.t;e!==void 0;e=e.x)e.t.N()}},Object.defineProperty(rr.prototype,"value",{get:function(){if(1&this.f)throw Error(`Cycle detected`);var e=$n(this);if(this.h(),e!==void 0&&(e.i=this.i),16&this.f)throw this.v;return this.v}});function ir(e,t){return new rr(e,t)}function ar(e){var t=e.j;if(e.j=void 0,typeof t==`function`){qn++;var n=R;R=void 0;try{t()}catch(t){throw e.f&=-2,e.f|=8,or(e),t}finally{R=n,Hn()}}}function or(e){for(var t=e.s;t!==void 0;t=t.n)t.S.U(t);e.x=void 0,e.s=void 0,ar(e)}function sr(e){if(R!==this)throw Error(`Out-of-order effect`);nr(this),R=e,this.f&=-2;try{8&this.f&&or(this)}finally{Hn()}}function cr(e,t){this.x=e,this.j=void 0,this.s=void 0,this.u=void 0,this.f=32,this.name=t?.name,Wn&&Wn.push(this)}cr.prototype.c=function(){var e=this.S();try{if(8&this.f||this.x===void 0)return;var t=this.x();typeof t==`function`&&(this.j=t)}finally{e()}},cr.prototype.S=function(){if(1&this.f)throw Error(`Cycle detected`);this.f|=1,this.f&=-9,ar(this),tr(this),qn++;var e=R;return R=this,sr.bind(this,e)},cr.prototype.N=function(){2&this.f||(this.f|=2,this.u=Kn,Kn=this)},cr.prototype.d=function(){this.f|=8,1&this.f||or(this)},cr.prototype.dispose=function(){this.d()};function lr(e,t){var n=new cr(e,t);try{n.c()}catch(e){throw n.d(),e}var r=n.d.bind(n);return r[Symbol.dispose]=r,r}var ur,dr,fr=typeof window<`u`&&!!window.__PREACT_SIGNALS_DEVTOOLS__,pr=[];lr(function(){ur=this.N})();function mr(t,n){e[t]=n.bind(null,e[t]||function(){})}function hr(e){if(dr){var t=dr;dr=void 0,t()}dr=e&&e.S()}function gr(e){var t=this,r=e.data,i=vr(r);i.name=`ReactiveDom`,i.value=r;var a=Pe(function(){for(var e=t,r=t.__v;r=r.__;)if(r.__c){r.__c.__$f|=4;break}var a=ir(function(){var e=i.value.value;return e===0?0:!0===e?``:e||``}),o=ir(function(){return!Array.isArray(a.value)&&!n(a.value)}),s=lr(function(){if(this.N=xr,o.value){var t=a.value;e.__v&&e.__v.__e&&e.__v.__e.nodeType===3&&(e.__v.__e.data=t)}}),c=t.__$u.d;return t.__$u.d=function(){s(),c.call(this)},[o,a]},[]),o=a[0],s=a[1];return o.value?s.peek():s.value}gr.displayName=`ReactiveTextNode`,Object.defineProperties(z.prototype,{constructor:{configurable:!0,value:y(x,null).constructor},type:{configurable:!0,value:gr},props:{configurable:!0,get:function(){var e=this;return{data:{get value(){return e.value}}}}},__b:{configurable:!0,value:1}}),mr(`__b`,function(e,t){if(hr(),typeof t.type==`string`){var n,r=t.props;for(var i in r)if(i!==`children`){var a=r[i];a instanceof z&&(n||(t.__np=n={}),n[i]=a,r[i]=a.peek())}}e(t)}),mr(`__r`,function(e,t){if(e(t),t.type!==x){hr();var n,r=t.__c;r&&(r.__$f&=-2,(n=r.__$u)===void 0&&(r.__$u=n=function(e,t){var n;return lr(function(){n=this},{name:t}),n.c=e,n}(function(e){return function(){var t;fr&&((t=this.y)==null||t.call(this)),e.__$f|=1,e.setState({})}}(r),typeof t.type==`function`?t.type.displayName||t.type.name:``))),hr(n)}}),mr(`__e`,function(e,t,n,r){hr(),e(t,n,r)}),mr(`diffed`,function(e,t){hr();var n;if(typeof t.type==`string`&&(n=t.__e)){var r=t.__np,i=t.props,a=n.U;if(a)for(var o in a){var s=a[o];s===void 0||r&&o in r||(s.d(),a[o]=void 0)}if(r)for(var c in a||(a={},n.U=a),r){var l=a[c],u=r[c];l===void 0?(l=_r(n,c,u,i),a[c]=l):l.o(u,i)}}e(t)});function _r(e,t,n,r){var i=t in e&&e.ownerSVGElement===void 0,a=B(n);return{o:function(e,t){a.value=e,r=t},d:lr(function(){this.N=xr;var n=a.value.value;r[t]!==n&&(r[t]=n,i?e[t]=n:n!=null&&(!1!==n||t[4]===`-`)?e.setAttribute(t,n):e.removeAttribute(t))})}}mr(`unmount`,function(e,t){if(typeof t.type==`string`){var n=t.__e;if(n){var r=n.U;if(r)for(var i in n.U=void 0,r){var a=r[i];a&&a.d()}}var o=t.__np;if(o){var s=t.props;for(var c in o)s[c]=o[c]}t.__np=void 0}else{var l=t.__c;if(l){l.__$f|=8;var u=l.__$u;u&&(l.__$u=void 0,u.d())}}e(t)}),mr(`__h`,function(e,t,n,r){r<3&&(t.__$f|=2),e(t,n,r)}),S.prototype.shouldComponentUpdate=function(e,t){if(this.__R)return!0;var n=this.__$u,r=n&&n.s!==void 0;for(var i in t)return!0;if(this.__f||typeof this.u==`boolean`&&!0===this.u){var a=2&this.__$f;if(!(r||a||4&this.__$f)||1&this.__$f)return!0}else if(!(r||4&this.__$f)||3&this.__$f)return!0;for(var o in e)if(o!==`__source`&&e[o]!==this.props[o])return!0;for(var s in this.props)if(!(s in e))return!0;return!1};function vr(e,t){return Pe(function(){return B(e,t)},[])}var yr=function(e){queueMicrotask(function(){queueMicrotask(e)})};function br(){Un(function(){for(var e;e=pr.shift();)ur.call(e)})}function xr(){pr.push(this)===1&&(e.requestAnimationFrame||yr)(br)}var V=Bn({url:new URL(`graphql`,document.baseURI).href,storage:An()}),Sr=B(V.session);V.onSession(e=>Sr.value=e);var Cr=B(V.connection);V.onConnection(e=>Cr.value=e);var wr=[[`Firefox`,/Firefox\//],[`Edge`,/Edg\//],[`Opera`,/OPR\//],[`Chrome`,/Chrome\//],[`Safari`,/Safari\//]],Tr=[[`Android`,/Android/],[`iPhone`,/iPhone/],[`iPad`,/iPad/],[`macOS`,/Mac OS/],[`Windows`,/Windows/],[`Linux`,/Linux/]],Er=e=>e.find(([,e])=>e.test(navigator.userAgent))?.[0],Dr=[Er(wr)??`Browser`,Er(Tr)].filter(Boolean).join(` on `),Or=(e,t)=>V.register({username:e,password:t,deviceName:Dr}),kr=(e,t)=>V.signIn({username:e,password:t,deviceName:Dr}),Ar=e=>e.includes(`@`)?{email:e}:{mobileNumber:e},jr=async e=>(await V.requestCode(Ar(e))).code,Mr=(e,t)=>V.signInWithCode({to:Ar(e),code:t,deviceName:Dr}),Nr=864e5;async function Pr(e,t){return(await V.sendMessage(e,{retryFor:Nr,signal:t})).message.seq}var Fr=`natterjack.theme`,Ir=matchMedia(`(prefers-color-scheme: dark)`);function Lr(){try{let e=localStorage.getItem(Fr);return e===`light`||e===`dark`?e:`system`}catch{return`system`}}var Rr=B(Lr());function zr(){let e=Rr.value===`dark`||Rr.value===`system`&&Ir.matches;document.documentElement.dataset.theme=e?`dark`:`light`}Ir.addEventListener(`change`,zr);function Br(e){Rr.value=e;try{e===`system`?localStorage.removeItem(Fr):localStorage.setItem(Fr,e)}catch{}zr()}var Vr=new P(`
    query Account {
  viewer {
    id
    email
    isEmailVerified
    mobileNumber
    isMobileNumberVerified
    user {
      ...Profile
    }
    sessions {
      id
      deviceName
      createdAt
      lastUsedAt
      isCurrent
    }
  }
}
    fragment Person on User {
  id
  username
  displayName
  isDeleted
}
fragment Profile on User {
  ...Person
  about
  isBlockedByViewer
  presence {
    isOnline
    lastSeenAt
  }
}`),Hr=new P(`
    mutation UpdateProfile($input: UpdateProfileInput!) {
  updateProfile(input: $input) {
    viewer {
      id
      user {
        ...Profile
      }
    }
    errors {
      ...Problem
    }
  }
}
    fragment Person on User {
  id
  username
  displayName
  isDeleted
}
fragment Profile on User {
  ...Person
  about
  isBlockedByViewer
  presence {
    isOnline
    lastSeenAt
  }
}
fragment Problem on UserError {
  code
  field
  message
}`),Ur=new P(`
    mutation ChangePassword($input: ChangePasswordInput!) {
  changePassword(input: $input) {
    errors {
      ...Problem
    }
  }
}
    fragment Problem on UserError {
  code
  field
  message
}`),Wr=new P(`
    mutation EndSession($id: ID!) {
  endSession(input: {sessionId: $id}) {
    endedSessionIds
    errors {
      ...Problem
    }
  }
}
    fragment Problem on UserError {
  code
  field
  message
}`),Gr=new P(`
    mutation DeleteAccount($input: DeleteAccountInput!) {
  deleteAccount(input: $input) {
    errors {
      ...Problem
    }
  }
}
    fragment Problem on UserError {
  code
  field
  message
}`),Kr=new P(`
    query Notifications($first: Int!, $after: String) {
  viewer {
    id
    unseenNotificationCount
    notifications(first: $first, after: $after) {
      nodes {
        ...NotificationParts
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
    fragment NotificationParts on Notification {
  id
  kind
  createdAt
  seenAt
  text
  actor {
    ...Person
  }
  conversation {
    id
    title
  }
  message {
    id
    text
  }
}
fragment Person on User {
  id
  username
  displayName
  isDeleted
}`),qr=new P(`
    mutation MarkNotificationsSeen($upToId: ID) {
  markNotificationsSeen(input: {upToId: $upToId}) {
    viewer {
      id
      unseenNotificationCount
    }
    errors {
      ...Problem
    }
  }
}
    fragment Problem on UserError {
  code
  field
  message
}`),Jr=new P(`
    query Home($first: Int!, $after: String) {
  viewer {
    id
    unseenNotificationCount
    user {
      ...Profile
    }
    conversations(first: $first, after: $after) {
      nodes {
        ...Summary
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
    fragment Summary on Conversation {
  id
  kind
  title
  name
  description
  visibility
  createdAt
  revision
  memberCount
  onlineMemberCount
  unreadCount
  peer {
    ...Profile
  }
  viewerMembership {
    role
    state
    isMuted
    readSeq
    invitedBy {
      ...Person
    }
  }
  lastMessage {
    ...MessageParts
  }
}
fragment MessageParts on Message {
  id
  seq
  revision
  kind
  text
  clientId
  createdAt
  editedAt
  deletedAt
  isPinned
  author {
    ...Person
  }
  replyTo {
    id
    seq
    text
    deletedAt
    author {
      ...Person
    }
  }
  reactions {
    emoji
    count
    isByViewer
  }
  attachments {
    url
    name
  }
  notice {
    kind
    name
    role
    actor {
      ...Person
    }
    subject {
      ...Person
    }
  }
}
fragment Person on User {
  id
  username
  displayName
  isDeleted
}
fragment Profile on User {
  ...Person
  about
  isBlockedByViewer
  presence {
    isOnline
    lastSeenAt
  }
}`),Yr=new P(`
    query Conversation($id: ID!) {
  conversation(id: $id) {
    ...Summary
  }
}
    fragment Summary on Conversation {
  id
  kind
  title
  name
  description
  visibility
  createdAt
  revision
  memberCount
  onlineMemberCount
  unreadCount
  peer {
    ...Profile
  }
  viewerMembership {
    role
    state
    isMuted
    readSeq
    invitedBy {
      ...Person
    }
  }
  lastMessage {
    ...MessageParts
  }
}
fragment MessageParts on Message {
  id
  seq
  revision
  kind
  text
  clientId
  createdAt
  editedAt
  deletedAt
  isPinned
  author {
    ...Person
  }
  replyTo {
    id
    seq
    text
    deletedAt
    author {
      ...Person
    }
  }
  reactions {
    emoji
    count
    isByViewer
  }
  attachments {
    url
    name
  }
  notice {
    kind
    name
    role
    actor {
      ...Person
    }
    subject {
      ...Person
    }
  }
}
fragment Person on User {
  id
  username
  displayName
  isDeleted
}
fragment Profile on User {
  ...Person
  about
  isBlockedByViewer
  presence {
    isOnline
    lastSeenAt
  }
}`),Xr=new P(`
    query UnreadCount($id: ID!) {
  conversation(id: $id) {
    id
    unreadCount
  }
}
    `),Zr=new P(`
    query Members($id: ID!, $first: Int!, $after: String, $state: MembershipState!) {
  conversation(id: $id) {
    id
    members(first: $first, after: $after, state: $state) {
      nodes {
        ...MemberParts
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
    typing {
      ...Person
    }
  }
}
    fragment MemberParts on Member {
  id
  role
  state
  readSeq
  deliveredSeq
  user {
    ...Profile
  }
}
fragment Person on User {
  id
  username
  displayName
  isDeleted
}
fragment Profile on User {
  ...Person
  about
  isBlockedByViewer
  presence {
    isOnline
    lastSeenAt
  }
}`),Qr=new P(`
    query PublicRooms($matching: String, $first: Int!, $after: String) {
  publicConversations(matching: $matching, first: $first, after: $after) {
    nodes {
      id
      title
      description
      memberCount
      onlineMemberCount
      viewerMembership {
        state
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `),$r=new P(`
    mutation OpenConversation($with: UserLookup!) {
  openConversation(input: {with: $with}) {
    conversation {
      ...Summary
    }
    errors {
      ...Problem
    }
  }
}
    fragment Summary on Conversation {
  id
  kind
  title
  name
  description
  visibility
  createdAt
  revision
  memberCount
  onlineMemberCount
  unreadCount
  peer {
    ...Profile
  }
  viewerMembership {
    role
    state
    isMuted
    readSeq
    invitedBy {
      ...Person
    }
  }
  lastMessage {
    ...MessageParts
  }
}
fragment MessageParts on Message {
  id
  seq
  revision
  kind
  text
  clientId
  createdAt
  editedAt
  deletedAt
  isPinned
  author {
    ...Person
  }
  replyTo {
    id
    seq
    text
    deletedAt
    author {
      ...Person
    }
  }
  reactions {
    emoji
    count
    isByViewer
  }
  attachments {
    url
    name
  }
  notice {
    kind
    name
    role
    actor {
      ...Person
    }
    subject {
      ...Person
    }
  }
}
fragment Person on User {
  id
  username
  displayName
  isDeleted
}
fragment Profile on User {
  ...Person
  about
  isBlockedByViewer
  presence {
    isOnline
    lastSeenAt
  }
}
fragment Problem on UserError {
  code
  field
  message
}`),ei=new P(`
    mutation CreateGroup($input: CreateGroupInput!) {
  createGroup(input: $input) {
    conversation {
      ...Summary
    }
    errors {
      ...Problem
    }
  }
}
    fragment Summary on Conversation {
  id
  kind
  title
  name
  description
  visibility
  createdAt
  revision
  memberCount
  onlineMemberCount
  unreadCount
  peer {
    ...Profile
  }
  viewerMembership {
    role
    state
    isMuted
    readSeq
    invitedBy {
      ...Person
    }
  }
  lastMessage {
    ...MessageParts
  }
}
fragment MessageParts on Message {
  id
  seq
  revision
  kind
  text
  clientId
  createdAt
  editedAt
  deletedAt
  isPinned
  author {
    ...Person
  }
  replyTo {
    id
    seq
    text
    deletedAt
    author {
      ...Person
    }
  }
  reactions {
    emoji
    count
    isByViewer
  }
  attachments {
    url
    name
  }
  notice {
    kind
    name
    role
    actor {
      ...Person
    }
    subject {
      ...Person
    }
  }
}
fragment Person on User {
  id
  username
  displayName
  isDeleted
}
fragment Profile on User {
  ...Person
  about
  isBlockedByViewer
  presence {
    isOnline
    lastSeenAt
  }
}
fragment Problem on UserError {
  code
  field
  message
}`),ti=new P(`
    mutation UpdateGroup($input: UpdateConversationInput!) {
  updateConversation(input: $input) {
    conversation {
      ...Face
    }
    errors {
      ...Problem
    }
  }
}
    fragment Face on Conversation {
  id
  kind
  title
  name
  description
  visibility
  createdAt
  memberCount
  onlineMemberCount
  unreadCount
  peer {
    ...Profile
  }
  viewerMembership {
    role
    state
    isMuted
    readSeq
    invitedBy {
      ...Person
    }
  }
}
fragment Person on User {
  id
  username
  displayName
  isDeleted
}
fragment Profile on User {
  ...Person
  about
  isBlockedByViewer
  presence {
    isOnline
    lastSeenAt
  }
}
fragment Problem on UserError {
  code
  field
  message
}`),ni=new P(`
    mutation JoinConversation($id: ID!) {
  joinConversation(input: {conversationId: $id}) {
    conversation {
      ...Summary
    }
    errors {
      ...Problem
    }
  }
}
    fragment Summary on Conversation {
  id
  kind
  title
  name
  description
  visibility
  createdAt
  revision
  memberCount
  onlineMemberCount
  unreadCount
  peer {
    ...Profile
  }
  viewerMembership {
    role
    state
    isMuted
    readSeq
    invitedBy {
      ...Person
    }
  }
  lastMessage {
    ...MessageParts
  }
}
fragment MessageParts on Message {
  id
  seq
  revision
  kind
  text
  clientId
  createdAt
  editedAt
  deletedAt
  isPinned
  author {
    ...Person
  }
  replyTo {
    id
    seq
    text
    deletedAt
    author {
      ...Person
    }
  }
  reactions {
    emoji
    count
    isByViewer
  }
  attachments {
    url
    name
  }
  notice {
    kind
    name
    role
    actor {
      ...Person
    }
    subject {
      ...Person
    }
  }
}
fragment Person on User {
  id
  username
  displayName
  isDeleted
}
fragment Profile on User {
  ...Person
  about
  isBlockedByViewer
  presence {
    isOnline
    lastSeenAt
  }
}
fragment Problem on UserError {
  code
  field
  message
}`),ri=new P(`
    mutation LeaveConversation($id: ID!) {
  leaveConversation(input: {conversationId: $id}) {
    errors {
      ...Problem
    }
  }
}
    fragment Problem on UserError {
  code
  field
  message
}`),ii=new P(`
    mutation DeleteConversation($id: ID!) {
  deleteConversation(input: {conversationId: $id}) {
    deletedConversationId
    errors {
      ...Problem
    }
  }
}
    fragment Problem on UserError {
  code
  field
  message
}`),ai=new P(`
    mutation AddMembers($id: ID!, $userIds: [ID!]!) {
  addMembers(input: {conversationId: $id, userIds: $userIds}) {
    conversation {
      ...Face
    }
    errors {
      ...Problem
    }
  }
}
    fragment Face on Conversation {
  id
  kind
  title
  name
  description
  visibility
  createdAt
  memberCount
  onlineMemberCount
  unreadCount
  peer {
    ...Profile
  }
  viewerMembership {
    role
    state
    isMuted
    readSeq
    invitedBy {
      ...Person
    }
  }
}
fragment Person on User {
  id
  username
  displayName
  isDeleted
}
fragment Profile on User {
  ...Person
  about
  isBlockedByViewer
  presence {
    isOnline
    lastSeenAt
  }
}
fragment Problem on UserError {
  code
  field
  message
}`),oi=new P(`
    mutation InviteMembers($id: ID!, $userIds: [ID!]!) {
  inviteMembers(input: {conversationId: $id, userIds: $userIds}) {
    conversation {
      ...Face
    }
    errors {
      ...Problem
    }
  }
}
    fragment Face on Conversation {
  id
  kind
  title
  name
  description
  visibility
  createdAt
  memberCount
  onlineMemberCount
  unreadCount
  peer {
    ...Profile
  }
  viewerMembership {
    role
    state
    isMuted
    readSeq
    invitedBy {
      ...Person
    }
  }
}
fragment Person on User {
  id
  username
  displayName
  isDeleted
}
fragment Profile on User {
  ...Person
  about
  isBlockedByViewer
  presence {
    isOnline
    lastSeenAt
  }
}
fragment Problem on UserError {
  code
  field
  message
}`),si=new P(`
    mutation RemoveMember($id: ID!, $userId: ID!) {
  removeMember(input: {conversationId: $id, userId: $userId}) {
    conversation {
      ...Face
    }
    errors {
      ...Problem
    }
  }
}
    fragment Face on Conversation {
  id
  kind
  title
  name
  description
  visibility
  createdAt
  memberCount
  onlineMemberCount
  unreadCount
  peer {
    ...Profile
  }
  viewerMembership {
    role
    state
    isMuted
    readSeq
    invitedBy {
      ...Person
    }
  }
}
fragment Person on User {
  id
  username
  displayName
  isDeleted
}
fragment Profile on User {
  ...Person
  about
  isBlockedByViewer
  presence {
    isOnline
    lastSeenAt
  }
}
fragment Problem on UserError {
  code
  field
  message
}`),ci=new P(`
    mutation SetRole($id: ID!, $userId: ID!, $role: Role!) {
  setRole(input: {conversationId: $id, userId: $userId, role: $role}) {
    conversation {
      ...Face
    }
    errors {
      ...Problem
    }
  }
}
    fragment Face on Conversation {
  id
  kind
  title
  name
  description
  visibility
  createdAt
  memberCount
  onlineMemberCount
  unreadCount
  peer {
    ...Profile
  }
  viewerMembership {
    role
    state
    isMuted
    readSeq
    invitedBy {
      ...Person
    }
  }
}
fragment Person on User {
  id
  username
  displayName
  isDeleted
}
fragment Profile on User {
  ...Person
  about
  isBlockedByViewer
  presence {
    isOnline
    lastSeenAt
  }
}
fragment Problem on UserError {
  code
  field
  message
}`),li=new P(`
    mutation SetMuted($id: ID!, $isMuted: Boolean!) {
  setMuted(input: {conversationId: $id, isMuted: $isMuted}) {
    conversation {
      ...Face
    }
    errors {
      ...Problem
    }
  }
}
    fragment Face on Conversation {
  id
  kind
  title
  name
  description
  visibility
  createdAt
  memberCount
  onlineMemberCount
  unreadCount
  peer {
    ...Profile
  }
  viewerMembership {
    role
    state
    isMuted
    readSeq
    invitedBy {
      ...Person
    }
  }
}
fragment Person on User {
  id
  username
  displayName
  isDeleted
}
fragment Profile on User {
  ...Person
  about
  isBlockedByViewer
  presence {
    isOnline
    lastSeenAt
  }
}
fragment Problem on UserError {
  code
  field
  message
}`),ui=new P(`
    mutation SetTyping($id: ID!, $isTyping: Boolean!) {
  setTyping(input: {conversationId: $id, isTyping: $isTyping}) {
    errors {
      ...Problem
    }
  }
}
    fragment Problem on UserError {
  code
  field
  message
}`),di=new P(`
    mutation MarkRead($id: ID!, $messageId: ID) {
  markRead(input: {conversationId: $id, messageId: $messageId}) {
    conversation {
      id
      unreadCount
      viewerMembership {
        readSeq
      }
    }
    errors {
      ...Problem
    }
  }
}
    fragment Problem on UserError {
  code
  field
  message
}`),fi=new P(`
    subscription Events($after: [PositionInput!]) {
  events(after: $after) {
    __typename
    ... on MessageAdded {
      revision
      conversation {
        id
      }
      message {
        ...MessageParts
      }
    }
    ... on MessageChanged {
      revision
      conversation {
        id
      }
      message {
        ...MessageParts
      }
    }
    ... on Synced {
      revision
      conversation {
        ...Face
      }
    }
    ... on ResyncNeeded {
      revision
      conversation {
        id
      }
    }
    ... on ConversationChanged {
      conversation {
        ...Face
      }
    }
    ... on MembershipChanged {
      conversationId
      entered: conversation {
        ...Face
      }
    }
    ... on ReceiptChanged {
      conversation {
        id
      }
      user {
        id
      }
      readSeq
      deliveredSeq
    }
    ... on TypingChanged {
      conversation {
        id
      }
      typing {
        ...Person
      }
    }
    ... on PresenceChanged {
      user {
        id
      }
      presence {
        isOnline
        lastSeenAt
      }
    }
    ... on UserChanged {
      user {
        ...Profile
      }
    }
    ... on NotificationAdded {
      notification {
        ...NotificationParts
      }
    }
    ... on NotificationsSeen {
      unseenNotificationCount
    }
    ... on SessionExpiring {
      expiresAt
    }
  }
}
    fragment NotificationParts on Notification {
  id
  kind
  createdAt
  seenAt
  text
  actor {
    ...Person
  }
  conversation {
    id
    title
  }
  message {
    id
    text
  }
}
fragment Face on Conversation {
  id
  kind
  title
  name
  description
  visibility
  createdAt
  memberCount
  onlineMemberCount
  unreadCount
  peer {
    ...Profile
  }
  viewerMembership {
    role
    state
    isMuted
    readSeq
    invitedBy {
      ...Person
    }
  }
}
fragment MessageParts on Message {
  id
  seq
  revision
  kind
  text
  clientId
  createdAt
  editedAt
  deletedAt
  isPinned
  author {
    ...Person
  }
  replyTo {
    id
    seq
    text
    deletedAt
    author {
      ...Person
    }
  }
  reactions {
    emoji
    count
    isByViewer
  }
  attachments {
    url
    name
  }
  notice {
    kind
    name
    role
    actor {
      ...Person
    }
    subject {
      ...Person
    }
  }
}
fragment Person on User {
  id
  username
  displayName
  isDeleted
}
fragment Profile on User {
  ...Person
  about
  isBlockedByViewer
  presence {
    isOnline
    lastSeenAt
  }
}`),pi=new P(`
    query History($id: ID!, $first: Int, $last: Int, $before: String, $after: String, $aroundId: ID) {
  history(
    of: {conversationId: $id}
    first: $first
    last: $last
    before: $before
    after: $after
    aroundId: $aroundId
  ) {
    revision
    nodes {
      ...MessageParts
    }
    pageInfo {
      startCursor
      endCursor
      hasPreviousPage
      hasNextPage
    }
  }
}
    fragment MessageParts on Message {
  id
  seq
  revision
  kind
  text
  clientId
  createdAt
  editedAt
  deletedAt
  isPinned
  author {
    ...Person
  }
  replyTo {
    id
    seq
    text
    deletedAt
    author {
      ...Person
    }
  }
  reactions {
    emoji
    count
    isByViewer
  }
  attachments {
    url
    name
  }
  notice {
    kind
    name
    role
    actor {
      ...Person
    }
    subject {
      ...Person
    }
  }
}
fragment Person on User {
  id
  username
  displayName
  isDeleted
}`),mi=new P(`
    query Search($text: String!, $conversationId: ID, $first: Int!, $after: String) {
  searchMessages(
    text: $text
    conversationId: $conversationId
    first: $first
    after: $after
  ) {
    nodes {
      id
      text
      createdAt
      author {
        ...Person
      }
      conversation {
        id
        title
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment Person on User {
  id
  username
  displayName
  isDeleted
}`),hi=new P(`
    query Pinned($id: ID!) {
  conversation(id: $id) {
    id
    pinnedMessages(first: 50) {
      nodes {
        id
        text
        createdAt
        author {
          ...Person
        }
      }
    }
  }
}
    fragment Person on User {
  id
  username
  displayName
  isDeleted
}`),gi=new P(`
    mutation EditMessage($id: ID!, $text: String!) {
  editMessage(input: {messageId: $id, text: $text}) {
    message {
      ...MessageParts
    }
    errors {
      ...Problem
    }
  }
}
    fragment MessageParts on Message {
  id
  seq
  revision
  kind
  text
  clientId
  createdAt
  editedAt
  deletedAt
  isPinned
  author {
    ...Person
  }
  replyTo {
    id
    seq
    text
    deletedAt
    author {
      ...Person
    }
  }
  reactions {
    emoji
    count
    isByViewer
  }
  attachments {
    url
    name
  }
  notice {
    kind
    name
    role
    actor {
      ...Person
    }
    subject {
      ...Person
    }
  }
}
fragment Person on User {
  id
  username
  displayName
  isDeleted
}
fragment Problem on UserError {
  code
  field
  message
}`),_i=new P(`
    mutation DeleteMessage($id: ID!) {
  deleteMessage(input: {messageId: $id}) {
    message {
      ...MessageParts
    }
    errors {
      ...Problem
    }
  }
}
    fragment MessageParts on Message {
  id
  seq
  revision
  kind
  text
  clientId
  createdAt
  editedAt
  deletedAt
  isPinned
  author {
    ...Person
  }
  replyTo {
    id
    seq
    text
    deletedAt
    author {
      ...Person
    }
  }
  reactions {
    emoji
    count
    isByViewer
  }
  attachments {
    url
    name
  }
  notice {
    kind
    name
    role
    actor {
      ...Person
    }
    subject {
      ...Person
    }
  }
}
fragment Person on User {
  id
  username
  displayName
  isDeleted
}
fragment Problem on UserError {
  code
  field
  message
}`),vi=new P(`
    mutation SetReaction($id: ID!, $emoji: String!, $isOn: Boolean!) {
  setReaction(input: {messageId: $id, emoji: $emoji, isOn: $isOn}) {
    message {
      ...MessageParts
    }
    errors {
      ...Problem
    }
  }
}
    fragment MessageParts on Message {
  id
  seq
  revision
  kind
  text
  clientId
  createdAt
  editedAt
  deletedAt
  isPinned
  author {
    ...Person
  }
  replyTo {
    id
    seq
    text
    deletedAt
    author {
      ...Person
    }
  }
  reactions {
    emoji
    count
    isByViewer
  }
  attachments {
    url
    name
  }
  notice {
    kind
    name
    role
    actor {
      ...Person
    }
    subject {
      ...Person
    }
  }
}
fragment Person on User {
  id
  username
  displayName
  isDeleted
}
fragment Problem on UserError {
  code
  field
  message
}`),yi=new P(`
    mutation SetPinned($id: ID!, $isPinned: Boolean!) {
  setPinned(input: {messageId: $id, isPinned: $isPinned}) {
    message {
      ...MessageParts
    }
    errors {
      ...Problem
    }
  }
}
    fragment MessageParts on Message {
  id
  seq
  revision
  kind
  text
  clientId
  createdAt
  editedAt
  deletedAt
  isPinned
  author {
    ...Person
  }
  replyTo {
    id
    seq
    text
    deletedAt
    author {
      ...Person
    }
  }
  reactions {
    emoji
    count
    isByViewer
  }
  attachments {
    url
    name
  }
  notice {
    kind
    name
    role
    actor {
      ...Person
    }
    subject {
      ...Person
    }
  }
}
fragment Person on User {
  id
  username
  displayName
  isDeleted
}
fragment Problem on UserError {
  code
  field
  message
}`),bi=new P(`
    query People($matching: String, $first: Int!, $after: String) {
  users(matching: $matching, first: $first, after: $after) {
    nodes {
      ...Profile
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment Person on User {
  id
  username
  displayName
  isDeleted
}
fragment Profile on User {
  ...Person
  about
  isBlockedByViewer
  presence {
    isOnline
    lastSeenAt
  }
}`),xi=new P(`
    mutation SetBlocked($userId: ID!, $isBlocked: Boolean!) {
  setBlocked(input: {userId: $userId, isBlocked: $isBlocked}) {
    user {
      ...Profile
    }
    errors {
      ...Problem
    }
  }
}
    fragment Person on User {
  id
  username
  displayName
  isDeleted
}
fragment Profile on User {
  ...Person
  about
  isBlockedByViewer
  presence {
    isOnline
    lastSeenAt
  }
}
fragment Problem on UserError {
  code
  field
  message
}`),Si=new Map,Ci=e=>({...e,about:null,isBlockedByViewer:!1,isOnline:!1,lastSeenAt:null});function H(e){let t=Si.get(e.id);return t||Si.set(e.id,t=B(Ci(e))),t}function wi({presence:e,...t}){let n=H(t);n.value={...t,isOnline:e.isOnline,lastSeenAt:e.lastSeenAt}}function Ti(e,t){let n=Si.get(e);n&&(n.value={...n.value,isOnline:t.isOnline,lastSeenAt:t.lastSeenAt})}function U(e){return e&&Si.get(e)?.value||null}var W=e=>H(e).value.displayName,Ei=()=>Si.clear(),Di={state:`none`,messages:[],before:null,after:null};function Oi(e,t){let n=0,r=e.length;for(;n<r;){let i=n+r>>1;e[i].seq<t?n=i+1:r=i}return n}function ki(e,t){return t.revision>e.revision?t:e}function Ai(e,t){let{messages:n}=e,r=Oi(n,t.seq),i=n[r];return i?.seq===t.seq?ki(i,t)===i?e:{...e,messages:n.with(r,t)}:r===0&&e.state===`ready`&&(n.length>0||e.before!==null)||r===n.length&&e.after!==null?e:{...e,messages:n.toSpliced(r,0,t)}}function ji(e,t){let n=!t.pageInfo.hasNextPage,r=t.nodes,i=r[0]?.seq??0,a=r.at(-1)?.seq??0,o={state:`ready`,messages:r,before:t.pageInfo.hasPreviousPage?t.pageInfo.startCursor:null,after:n?null:t.pageInfo.endCursor};for(let t of e.messages)t.seq>=i&&(n||t.seq<=a)&&(o=Ai(o,t));return o}function Mi(e,t){let n=e.messages[0]?.seq??1/0;return{...e,messages:[...t.nodes.filter(({seq:e})=>e<n),...e.messages],before:t.pageInfo.hasPreviousPage?t.pageInfo.startCursor:null}}function Ni(e,t){let n=e.messages.at(-1)?.seq??0;return{...e,messages:[...e.messages,...t.nodes.filter(({seq:e})=>e>n)],after:t.pageInfo.hasNextPage?t.pageInfo.endCursor:null}}var Pi=6e3,Fi=B(new Map),G=B(``),Ii=e=>Fi.value.get(e)?.value??null;function Li(e,t){let n=Fi.peek().get(e);n&&(n.value=t(n.peek()))}function Ri(e){let t=new Map(Fi.peek());t.delete(e)&&(Fi.value=t)}var zi=({lastMessage:e,createdAt:t})=>e?.createdAt??t,Bi=ir(()=>[...Fi.value.values()].map(e=>e.value).filter(({state:e})=>e!==null).sort((e,t)=>Number(t.state===`INVITED`)-Number(e.state===`INVITED`)||(zi(e)<zi(t)?1:zi(e)>zi(t)?-1:e.id<t.id?1:-1))),Vi=ir(()=>Bi.value.reduce((e,{unread:t,isMuted:n})=>e+(n?0:t),0));function Hi(e){e.peer&&wi(e.peer);let t=e.viewerMembership;return t?.invitedBy&&H(t.invitedBy),{id:e.id,kind:e.kind,title:e.title,name:e.name,description:e.description,visibility:e.visibility,createdAt:e.createdAt,memberCount:e.memberCount,onlineMemberCount:e.onlineMemberCount,peerId:e.peer?.id??null,state:t?.state??null,role:t?.role??null,invitedById:t?.invitedBy?.id??null,isMuted:t?.isMuted??!1,unread:e.unreadCount??0,readSeq:t?.readSeq??0}}function Ui(e){let t=Hi(e),n=Fi.peek().get(e.id);if(!n){let n={...t,lastMessage:null,timeline:Di,marks:new Map,typing:new Map};Fi.value=new Map(Fi.peek()).set(e.id,B(n));return}let r=n.peek(),i=r.readSeq>t.readSeq;n.value={...r,...t,...i?{readSeq:r.readSeq,unread:r.unread}:{}}}function Wi(e){Ui(e),e.lastMessage&&Gi(e.id,e.lastMessage)}function Gi(e,t){Li(e,e=>{let n=e.lastMessage;return!n||t.seq>n.seq||t.seq===n.seq&&t.revision>n.revision?{...e,lastMessage:t}:e})}function Ki({author:e,replyTo:t,notice:n}){e&&H(e),t?.author&&H(t.author),n?.actor&&H(n.actor),n?.subject&&H(n.subject)}function qi(e,t){Ki(t),Li(e,e=>{let n=t.author?.id===G.peek(),r=t.seq>(e.lastMessage?.seq??0)&&t.seq>e.readSeq,i=r&&t.author!==null&&!t.deletedAt,a=new Map(e.typing);return t.author&&a.delete(t.author.id),{...e,typing:a,timeline:e.timeline.state===`none`?e.timeline:Ai(e.timeline,t),unread:n&&r?0:e.unread+ +!!i,readSeq:n?Math.max(e.readSeq,t.seq):e.readSeq}}),Gi(e,t)}function Ji(e,t){Ki(t),Li(e,e=>({...e,timeline:e.timeline.state===`none`?e.timeline:Ai(e.timeline,t)})),Gi(e,t)}function Yi(e,t,n){Li(e,e=>{if(t===G.peek()){let t=Math.max(e.readSeq,n.readSeq);return{...e,readSeq:t,unread:t>=(e.lastMessage?.seq??0)?0:e.unread}}let r=e.marks.get(t),i={readSeq:Math.max(n.readSeq,r?.readSeq??0),deliveredSeq:Math.max(n.deliveredSeq,r?.deliveredSeq??0)};return{...e,marks:new Map(e.marks).set(t,i)}})}function Xi(e,t){let n=Date.now()+Pi,r=t.filter(e=>e!==G.peek());Li(e,e=>({...e,typing:new Map(r.map(e=>[e,n]))})),r.length>0&&setTimeout(()=>Zi(e),6050)}function Zi(e){Li(e,e=>{let t=Date.now(),n=new Map([...e.typing].filter(([,e])=>e>t));return n.size===e.typing.size?e:{...e,typing:n}})}function Qi(e,t){Li(e,e=>({...e,timeline:t(e.timeline)}))}function $i(){Fi.value=new Map,G.value=``}var ea=e=>e<90?`${e} ${e===1?`second`:`seconds`}`:`${Math.ceil(e/60)} minutes`;function ta(e){let t=e.trim(),n=/[.!?…]$/.test(t)?t:`${t}.`;return n.charAt(0).toUpperCase()+n.slice(1)}function na(e){if(e instanceof bt)return`The server does not answer. Try again in a moment.`;if(e instanceof F)switch(e.code){case`RATE_LIMITED`:return`That was tried too often. Try again in ${ea(e.retryAfter??5)}.`;case`UNAVAILABLE`:return`The server cannot reach its store at the moment. Try again soon.`;case`UNAUTHENTICATED`:return`You are signed out. Sign in again.`;case`INTERNAL`:return`The server has made a mistake${e.requestId?` (${e.requestId})`:``}.`;default:return ta(e.message)}return`That did not work. Try again.`}function ra(e){let t={};for(let{field:n,message:r}of e)t[n?.at(-1)??``]??=ta(r);return t}var ia=`natterjack.outbox`,aa=B([]),oa=new Map,sa=new AbortController;function ca(e){aa.value=e;try{e.length===0?sessionStorage.removeItem(ia):sessionStorage.setItem(ia,JSON.stringify(e))}catch{}}var la=(e,t)=>ca(aa.peek().map(n=>n.clientId===e?{...n,...t}:n)),ua=e=>ca(aa.peek().filter(t=>t.clientId!==e));function da(e){e&&aa.peek().some(t=>t.clientId===e)&&ua(e)}function fa(e,t,n){let r={clientId:We(),conversationId:e,text:t,replyTo:n&&{id:n.id,text:n.text,author:n.author},at:new Date().toISOString(),state:`sending`,problem:null};ca([...aa.peek(),r]),ma(r)}function pa(e){la(e.clientId,{state:`sending`,problem:null}),ma(e)}function ma(e){let t=(oa.get(e.conversationId)??Promise.resolve()).then(()=>ha(e));oa.set(e.conversationId,t),t.then(()=>{oa.get(e.conversationId)===t&&oa.delete(e.conversationId)})}async function ha({clientId:e,conversationId:t,text:n,replyTo:r}){if(aa.peek().some(t=>t.clientId===e))try{let i=await Pr({clientId:e,conversationId:t,text:n,...r?{replyToId:r.id}:{}},sa.signal);(Ii(t)?.lastMessage?.seq??0)>=i?ua(e):la(e,{state:`stored`})}catch(t){la(e,{state:`failed`,problem:na(t)})}}function ga(){try{let e=JSON.parse(sessionStorage.getItem(ia)??`[]`);if(!Array.isArray(e)||e.length===0)return;aa.value=e;for(let e of aa.peek())e.state!==`failed`&&pa(e)}catch{sessionStorage.removeItem(ia)}}function _a(){sa.abort(),sa=new AbortController,oa.clear(),ca([])}var va=60,ya=600;async function ba(e,t){let{history:n}=await V.request(pi,{id:e,...t});if(!n)throw Error(`There is no such conversation.`);for(let e of n.nodes)Ki(e),da(e.clientId);return n}var xa=new Map;function Sa(e,t){let n=xa.get(e);return n||xa.set(e,n=t().finally(()=>xa.delete(e))),n}function Ca(e,t){return Sa(`${e} first ${t??``}`,async()=>{Qi(e,()=>({...Di,state:`loading`}));try{let n=await ba(e,{last:va,...t?{aroundId:t}:{}});Qi(e,e=>ji(e,n))}catch{Qi(e,e=>({...e,state:`failed`}))}})}function wa(e){return Sa(`${e} older`,async()=>{let t=Ii(e)?.timeline.before;if(!t)return;let n=await ba(e,{last:va,before:t});Qi(e,e=>e.before===t?Mi(e,n):e)})}function Ta(e){return Sa(`${e} newer`,async()=>{let t=Ii(e)?.timeline.after;if(!t)return;let n=await ba(e,{first:va,after:t});Qi(e,e=>e.after===t?Ni(e,n):e)})}function Ea(e){Qi(e,e=>e.messages.length>ya||e.after?Di:e)}function Da(e){return Sa(`${e} marks`,async()=>{let{conversation:t}=await V.request(Zr,{id:e,first:100,state:`JOINED`});for(let{user:n,readSeq:r,deliveredSeq:i}of t?.members?.nodes??[])wi(n),Yi(e,n.id,{readSeq:r,deliveredSeq:i});for(let e of t?.typing??[])H(e);Xi(e,t?.typing.map(({id:e})=>e)??[])})}async function Oa(e,t={}){let{conversation:n}=await V.request(Yr,{id:e},t);return n?(Wi(n),!0):!1}var ka=B(0),Aa=B(null),ja=B(null),Ma=30;function Na(e){e.actor&&H(e.actor),e.seenAt||(ka.value+=1);let t=Aa.peek();t&&!t.some(({id:t})=>t===e.id)&&(Aa.value=[e,...t])}async function Pa(){let{viewer:e}=await V.request(Kr,{first:Ma}),t=e?.notifications;t&&(ka.value=e.unseenNotificationCount??0,Aa.value=t.nodes,ja.value=t.pageInfo.hasNextPage?t.pageInfo.endCursor:null)}async function Fa(){let e=ja.peek();if(!e)return;let{viewer:t}=await V.request(Kr,{first:Ma,after:e}),n=t?.notifications,r=Aa.peek();if(!n||!r)return;let i=new Set(r.map(({id:e})=>e));Aa.value=[...r,...n.nodes.filter(({id:e})=>!i.has(e))],ja.value=n.pageInfo.hasNextPage?n.pageInfo.endCursor:null}var Ia=async()=>Aa.peek()?Pa():void 0;async function La(){let e=Aa.peek()?.[0]?.id;if(!e||ka.peek()===0)return;let{markNotificationsSeen:t}=await V.request(qr,{upToId:e});ka.value=t?.viewer?.unseenNotificationCount??0}var Ra=[`new`,`group`,`rooms`,`search`,`bell`,`you`];function za(e){try{return decodeURIComponent(e??``)}catch{return``}}function Ba(e){let[t=``,n,r,i]=e.replace(/^#\/?/,``).split(`/`);if(t===`c`&&n){let e=r===`about`||r===`search`?r:null;return{at:`conversation`,id:za(n),panel:e,messageId:r===`at`&&za(i)||null}}if(t===`with`&&n)return{at:`with`,username:za(n)};let a=Ra.find(e=>e===t);return a?{at:a}:{at:`start`}}var Va=B(Ba(location.hash));addEventListener(`hashchange`,()=>Va.value=Ba(location.hash));var Ha=ir(()=>Va.value.at===`conversation`?Va.value.id:null),K={start:`#/`,new:`#/new`,group:`#/group`,rooms:`#/rooms`,search:`#/search`,bell:`#/bell`,you:`#/you`,conversation:e=>`#/c/${encodeURIComponent(e)}`,about:e=>`#/c/${encodeURIComponent(e)}/about`,searchIn:e=>`#/c/${encodeURIComponent(e)}/search`,message:(e,t)=>`#/c/${encodeURIComponent(e)}/at/${encodeURIComponent(t)}`,with:e=>`#/with/${encodeURIComponent(e)}`};function Ua(e,t=`push`){t===`push`?location.hash=e:(history.replaceState(null,``,e),Va.value=Ba(e))}var Wa=e=>`${location.origin}${location.pathname}${e}`,Ga=B(`loading`),Ka=50;async function qa(e){let t=new Map,n=null;do{let{viewer:r}=await V.request(Jr,{first:Ka,after:n},{signal:e}),i=r?.conversations;if(!r||!i)throw Error(`Nobody is signed in.`);G.value=r.id,wi(r.user),ka.value=r.unseenNotificationCount??0;for(let e of i.nodes)Wi(e),e.viewerMembership?.state===`JOINED`&&t.set(e.id,e.revision);Ga.value=`ready`,n=i.pageInfo.hasNextPage?i.pageInfo.endCursor:null}while(n);return t}function Ja(e){switch(e.__typename){case`MessageAdded`:return qi(e.conversation.id,e.message),da(e.message.clientId);case`MessageChanged`:return Ji(e.conversation.id,e.message),da(e.message.clientId);case`Synced`:case`ConversationChanged`:return Ui(e.conversation);case`ResyncNeeded`:Xa(e.conversation.id).catch(()=>{});return;case`MembershipChanged`:return e.entered?Ya(e.entered):Ri(e.conversationId);case`ReceiptChanged`:Yi(e.conversation.id,e.user.id,e),e.user.id===G.value&&Za(e.conversation.id).catch(()=>{});return;case`TypingChanged`:for(let t of e.typing)H(t);return Xi(e.conversation.id,e.typing.map(({id:e})=>e));case`PresenceChanged`:return Ti(e.user.id,e.presence);case`UserChanged`:return wi(e.user);case`NotificationAdded`:return Na(e.notification);case`NotificationsSeen`:ka.value=e.unseenNotificationCount;return;case`SessionExpiring`:return}}function Ya(e){let t=Ii(e.id)?.state!==`JOINED`;Ui(e),t&&Oa(e.id).catch(()=>{})}async function Xa(e){await Oa(e,{retryFor:1/0}),Ii(e)?.timeline.state!==`none`&&await Ca(e)}async function Za(e){let t=Ii(e);if(!t||t.unread===0)return;let{conversation:n}=await V.request(Xr,{id:e}),r=n?.unreadCount;r!=null&&Li(e,e=>({...e,unread:r}))}function Qa(){let e=Ha.peek();e&&Ii(e)?.state===`JOINED`&&Da(e).catch(()=>{}),Ia().catch(()=>{})}var $a=(e,t)=>new Promise(n=>{let r=setTimeout(n,e);t.addEventListener(`abort`,()=>(clearTimeout(r),n()),{once:!0})});function eo(){let e=new AbortController,{signal:t}=e,n=V.onConnection(e=>{e===`open`&&Ga.peek()===`ready`&&Qa()});return(async()=>{let e=null;for(let n=500;!t.aborted;n=Math.min(n*2,1e4))try{let n=e??await qa(t);e||ga();let r=V.events({document:fi,positions:n});e=r.positions,t.addEventListener(`abort`,()=>void r.return?.(),{once:!0});for await(let e of r)Ja(e)}catch{if(t.aborted)return;Ga.peek()===`loading`&&(Ga.value=`failed`),await $a(n,t)}})(),()=>{e.abort(),n()}}function to(){_a(),$i(),Ei(),Aa.value=null,ja.value=null,ka.value=0,Ga.value=`loading`}var no=Symbol.for(`pv`),ro=0;Array.isArray;function q(t,n,r,i,a,o){n||={};var s,c,l=n;if(`ref`in l&&typeof t!=`function`)for(c in l={},n)c==`ref`?s=n[c]:l[c]=n[c];var u={type:t,props:l,key:r,ref:s,__k:null,__:null,__b:0,__e:null,__c:null,constructor:no,__v:--ro,__i:-1,__u:0};return(a||o)&&(u.__source=a,u.__self=o),e.vnode&&e.vnode(u),u}var io={chats:`M4 5.500h16v10.500H11l-4.500 3.500V16H4z`,rooms:`M5 20V8.500L12 4l7 4.500V20M3 20h18M10 20v-6h4v6`,search:`M11 4.500a6.500 6.500 0 1 1 0 13 6.500 6.500 0 0 1 0-13zM15.800 15.800L20.500 20.500`,bell:`M6 16.500V11a6 6 0 0 1 12 0v5.500l1.500 1.500h-15zM10 20.500h4`,you:`M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4.500 20.500c.6-4 3.600-6 7.500-6s6.900 2 7.500 6`,plus:`M12 5v14M5 12h14`,back:`M14.500 5.500L8 12l6.500 6.500`,send:`M12 19.500V5M5.500 11.500L12 5l6.500 6.500`,reply:`M9.500 6L4 11.500l5.500 5.500M4 11.500h9.500c3.500 0 6 2 6.500 6.500`,smile:`M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM8.500 14c.8 1.400 2 2.100 3.500 2.100s2.700-.7 3.500-2.100M9.300 9.500v.5M14.700 9.500v.5`,edit:`M4.500 19.500l1-4.500L16 4.500l3.500 3.500L9 18.500zM13.500 7l3.500 3.500`,bin:`M5 7h14M9.500 7V4.500h5V7M7 7l.8 12.500h8.400L17 7M10.500 10.500v5.500M13.500 10.500v5.500`,pin:`M9 4h6l-1 6 3.500 3.500h-11L10 10zM12 13.500V20.500`,copy:`M8.500 8.500h11v11h-11zM15.500 8.500v-4h-11v11h4`,close:`M6 6l12 12M18 6L6 18`,check:`M5 12.500l4.500 4.500L19 7`,checks:`M2.500 12.500L7 17 16 7M11.500 16l1 1L21.500 7`,clock:`M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM12 8v4.200l3 1.800`,alert:`M12 4.500l8.500 15h-17zM12 10v4.500M12 16.800v.4`,down:`M5.500 9L12 15.500 18.500 9`,mute:`M6 16.500V11a6 6 0 0 1 9.500-4.900M18 11v5.500l1.500 1.500h-12M10 20.500h4M4 4l16 16`,info:`M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM12 11v5M12 8v.4`,people:`M9 5a3.500 3.500 0 1 1 0 7 3.500 3.500 0 0 1 0-7zM3 19.500c.4-3.500 2.800-5 6-5s5.600 1.500 6 5M15.500 5.300a3.500 3.500 0 0 1 0 6.400M17.500 14.800c2 .6 3.200 2.100 3.500 4.700`,link:`M10 14a4 4 0 0 0 5.700 0l3.300-3.300a4 4 0 0 0-5.700-5.700L12 6.300M14 10a4 4 0 0 0-5.700 0L5 13.300A4 4 0 0 0 10.700 19l1.300-1.300`,out:`M13.500 4.500H6v15h7.500M10 12h10M16.500 8.500L20 12l-3.500 3.500`},J=({name:e})=>q(`svg`,{class:`icon`,viewBox:`0 0 24 24`,"aria-hidden":`true`,focusable:`false`,children:q(`path`,{d:io[e]})}),ao=()=>q(`svg`,{class:`mark`,viewBox:`0 0 48 52`,"aria-hidden":`true`,focusable:`false`,children:[q(`path`,{class:`mark-back`,d:`M24 5c3.300 0 5.700-3 9.500-3 3.700 0 6.500 2.800 6.500 6.400 0 2.200-.9 3.700-.9 5.900 0 3.200 4.400 7.200 4.400 15.200C43.500 40.500 35 50 24 50S4.500 40.500 4.500 29.500c0-8 4.400-12 4.400-15.200 0-2.200-.9-3.700-.9-5.900C8 4.800 10.800 2 14.500 2c3.800 0 6.200 3 9.500 3z`}),q(`path`,{class:`mark-stripe`,d:`M24 5v45`}),q(`circle`,{class:`mark-eye`,cx:`14.500`,cy:`8.700`,r:`2.700`}),q(`circle`,{class:`mark-eye`,cx:`33.500`,cy:`8.700`,r:`2.700`})]}),Y=({look:e=`plain`,isBusy:t=!1,children:n,...r})=>q(`button`,{type:`button`,...r,class:`button button-${e}`,"aria-busy":t,disabled:r.disabled||t,children:n}),oo=({icon:e,label:t,buttonRef:n,...r})=>q(`button`,{type:`button`,...r,ref:n??null,class:`icon-button`,"aria-label":t,title:t,children:q(J,{name:e})}),so=({icon:e,label:t,href:n})=>q(`a`,{class:`icon-button`,href:n,"aria-label":t,title:t,children:q(J,{name:e})});function X({label:e,hint:t,error:n,value:r,onValue:i,type:a=`text`,...o}){let s=Fe();return q(`div`,{class:`field`,children:[q(`label`,{for:s,children:e}),q(`input`,{...o,id:s,type:a,value:r,onInput:e=>i(e.currentTarget.value),...lo(s,t,n)}),q(uo,{id:s,hint:t,error:n})]})}function co({label:e,hint:t,error:n,value:r,rows:i=3,onValue:a}){let o=Fe();return q(`div`,{class:`field`,children:[q(`label`,{for:o,children:e}),q(`textarea`,{id:o,rows:i,value:r,onInput:e=>a(e.currentTarget.value),...lo(o,t,n)}),q(uo,{id:o,hint:t,error:n})]})}var lo=(e,t,n)=>({"aria-invalid":!!n,"aria-describedby":n?`${e}-error`:t?`${e}-hint`:void 0}),uo=({id:e,hint:t,error:n})=>n?q(`p`,{class:`field-error`,id:`${e}-error`,role:`alert`,children:n}):t?q(`p`,{class:`field-hint`,id:`${e}-hint`,children:t}):null,Z=({children:e})=>q(`p`,{class:`note`,role:`alert`,children:[q(J,{name:`alert`}),q(`span`,{children:e})]});function Q(){let[e,t]=A(!1),[n,r]=A({});return{isBusy:e,errors:n,run:async(e,n)=>{t(!0);try{let t=ra(await e()??[]);return!n?.aborted&&(r(t),Object.keys(t).length===0)}catch(e){return n?.aborted||r(fo(e)),!1}finally{n?.aborted||t(!1)}},clear:()=>r({})}}function fo(e){let t=e?.field,n=Array.isArray(t)?t.at(-1):void 0;return{[typeof n==`string`?n:``]:na(e)}}function $(e,...t){let n=Object.entries(e).filter(([e])=>!t.includes(e));return n.length>0?n.map(([,e])=>e).join(` `):null}var po=e=>t=>{t.preventDefault(),e()},mo=`natterjack.known`,ho=()=>{try{return localStorage.getItem(mo)!==null}catch{return!1}},go=()=>{try{localStorage.setItem(mo,`1`)}catch{}};function _o(){let[e,t]=A(ho()?`password`:`new`),n=Va.value.at===`with`?Va.value.username:null;return q(`main`,{class:`entry`,children:[q(`header`,{class:`entry-brand`,children:[q(ao,{}),q(`h1`,{children:`natterjack`}),q(`p`,{children:n?`${n} wants to talk with you.`:`Talk to people. Nothing gets lost.`})]}),q(`section`,{class:`entry-form`,"aria-label":e===`new`?`Create an account`:`Sign in`,children:[q(`div`,{class:`segments`,role:`group`,"aria-label":`Account`,children:[q(`button`,{type:`button`,"aria-pressed":e===`new`,onClick:()=>t(`new`),children:`I’m new here`}),q(`button`,{type:`button`,"aria-pressed":e!==`new`,onClick:()=>t(`password`),children:`I have an account`})]}),e===`code`?q(yo,{}):q(vo,{isNew:e===`new`,onWay:t},e),e!==`new`&&q(`p`,{class:`entry-other`,children:e===`password`?q(Y,{look:`quiet`,onClick:()=>t(`code`),children:`Sign in with a code instead`}):q(Y,{look:`quiet`,onClick:()=>t(`password`),children:`Sign in with a password instead`})})]})]})}function vo({isNew:e,onWay:t}){let[n,r]=A(``),[i,a]=A(``),{isBusy:o,errors:s,run:c}=Q(),[l,u]=A(!1),d=async()=>{u(!1),await c(async()=>{try{return e?await Or(n.trim(),i):await kr(n.trim(),i),go(),null}catch(t){let n=t instanceof F?t.code:null;if(u(e&&n===`ALREADY_TAKEN`),n===`WRONG_CREDENTIALS`)return[{code:n,field:[`password`],message:`The name and the password do not fit together.`}];throw t}})},f=$(s,`username`,`login`,`password`);return q(`form`,{onSubmit:po(()=>void d()),noValidate:!0,children:[q(X,{label:e?`Your name here`:`Username, email or number`,hint:e?`Letters and digits. Others find you by it.`:void 0,error:s.username??s.login,value:n,onValue:r,name:`username`,autoComplete:`username`,autoCapitalize:`none`,spellcheck:!1,autoFocus:!0,required:!0}),q(X,{label:`Password`,hint:e?`At least 8 characters.`:void 0,error:s.password,value:i,onValue:a,name:`password`,type:`password`,autoComplete:e?`new-password`:`current-password`,required:!0}),f&&q(Z,{children:f}),q(Y,{look:`act`,type:`submit`,isBusy:o,children:e?`Create account`:`Sign in`}),l&&q(`p`,{class:`entry-other`,children:[`Is that you?`,` `,q(Y,{look:`quiet`,onClick:()=>t(`password`),children:`Sign in`})]})]})}function yo(){let[e,t]=A(``),[n,r]=A(``),[i,a]=A(null),{isBusy:o,errors:s,run:c}=Q(),l=()=>c(async()=>{let t=await jr(e.trim());a({echo:t})}),u=()=>c(async()=>{await Mr(e.trim(),n.trim()),go()});return i?q(`form`,{onSubmit:po(()=>void u()),noValidate:!0,children:[q(X,{label:`Code`,hint:i.echo?q(x,{children:[`This server is for development and shows its codes: `,q(`strong`,{class:`echo`,children:i.echo})]}):`The six digits that were sent to ${e}.`,error:s.code,value:n,onValue:r,autoComplete:`one-time-code`,inputMode:`numeric`,maxLength:12,autoFocus:!0}),$(s,`code`)&&q(Z,{children:$(s,`code`)}),q(Y,{look:`act`,type:`submit`,isBusy:o,children:`Sign in`}),q(`p`,{class:`entry-other`,children:q(Y,{look:`quiet`,onClick:()=>a(null),children:`Send another`})})]}):q(`form`,{onSubmit:po(()=>void l()),noValidate:!0,children:[q(X,{label:`Email or mobile number`,hint:`We send six digits there. Without an account yet, this makes one.`,error:s.email??s.mobileNumber??s.to,value:e,onValue:t,autoComplete:`email`,autoCapitalize:`none`,inputMode:`email`,autoFocus:!0}),$(s,`email`,`mobileNumber`,`to`)&&q(Z,{children:$(s,`email`,`mobileNumber`,`to`)}),q(Y,{look:`act`,type:`submit`,isBusy:o,children:`Send me a code`})]})}var bo=99,xo=e=>e>bo?`${bo}+`:String(e),So=12;function Co(e){let t=2166136261;for(let n=0;n<e.length;n+=1)t=Math.imul(t^e.charCodeAt(n),16777619);return((t^t>>>15)>>>0)%So}function wo(e){let t=e.split(/[\s._-]+/).filter(Boolean),n=e=>e?String.fromCodePoint(e.codePointAt(0)):``;return(n(t[0])+(t.length>1?n(t.at(-1)):``)).toUpperCase()||`·`}var To=({id:e,name:t,size:n=`medium`,shape:r=`person`})=>q(`span`,{class:`avatar avatar-${n} avatar-${r} hue-${Co(e)}`,"aria-hidden":`true`,children:[wo(t),r===`person`&&U(e)?.isOnline&&q(`span`,{class:`avatar-here`})]}),Eo=navigator.languages,Do=new Intl.DateTimeFormat(Eo,{hour:`2-digit`,minute:`2-digit`}),Oo=new Intl.DateTimeFormat(Eo,{weekday:`short`}),ko=new Intl.DateTimeFormat(Eo,{weekday:`long`,day:`numeric`,month:`long`}),Ao=new Intl.DateTimeFormat(Eo,{day:`numeric`,month:`short`}),jo=new Intl.DateTimeFormat(Eo,{day:`numeric`,month:`short`,year:`numeric`}),Mo=new Intl.DateTimeFormat(Eo,{dateStyle:`full`,timeStyle:`short`}),No=864e5,Po=B(Date.now());setInterval(()=>Po.value=Date.now(),6e4);var Fo=e=>new Date(e).toDateString(),Io=e=>{let t=new Date(Po.value);return t.setHours(0,0,0,0),Math.ceil((t.getTime()-e.getTime())/No)},Lo=e=>Do.format(new Date(e)),Ro=e=>Mo.format(new Date(e)),zo=e=>jo.format(new Date(e));function Bo(e){let t=new Date(e),n=Io(t);return n<=0?Do.format(t):n===1?`Yesterday`:n<7?Oo.format(t):t.getFullYear()===new Date(Po.value).getFullYear()?Ao.format(t):jo.format(t)}function Vo(e){let t=new Date(e),n=Io(t);return n<=0?`Today`:n===1?`Yesterday`:t.getFullYear()===new Date(Po.value).getFullYear()?ko.format(t):jo.format(t)}function Ho(e){let t=Math.floor((Po.value-new Date(e).getTime())/6e4);return t<1?`just now`:t<60?`${t} min ago`:t<1440?`${Math.floor(t/60)} h ago`:Bo(e)}var Uo=({title:e,back:t,actions:n,children:r})=>q(`div`,{class:`screen`,children:[q(`header`,{class:`bar`,children:[t&&q(`a`,{class:`icon-button`,href:t,"aria-label":`Back`,children:q(J,{name:`back`})}),q(`h1`,{class:`bar-title`,children:e}),n]}),q(`div`,{class:`screen-body`,children:q(`div`,{class:`column`,children:r})})]}),Wo={ANNOUNCEMENT:`Announcement`,DIRECT_MESSAGE:`wrote to you`,INVITATION:`invites you`,MENTION:`mentioned you`,REACTION:`reacted to what you said`,REPLY:`answered you`},Go=({conversation:e,message:t})=>e?t?K.message(e.id,t.id):K.conversation(e.id):K.bell;function Ko({of:e}){let t=e.actor?W(e.actor):`natterjack`;return q(`a`,{class:`line`,href:Go(e),"data-unseen":e.seenAt===null,children:[q(To,{id:e.actor?.id??`natterjack`,name:t,size:`small`}),q(`span`,{class:`line-words`,children:[q(`span`,{class:`line-title`,children:[t,` `,q(`span`,{class:`line-where`,children:[Wo[e.kind],e.kind!==`DIRECT_MESSAGE`&&e.conversation?` in ${e.conversation.title}`:``]})]}),q(`span`,{class:`line-sub`,children:e.text??e.message?.text??``})]}),q(`time`,{dateTime:e.createdAt,children:Bo(e.createdAt)})]})}function qo(){let{isBusy:e,errors:t,run:n}=Q(),r=Aa.value,i=ka.value;j(()=>void n(Pa),[]);let a=$(t);return q(Uo,{title:`Notifications`,actions:i>0&&q(Y,{isBusy:e,onClick:()=>void n(La).then(Pa),children:`Mark all seen`}),children:[a&&q(Z,{children:a}),r?.length===0&&q(`p`,{class:`none`,children:`Nothing yet. Mentions, answers, reactions and invitations come here.`}),q(`ul`,{class:`lines`,"aria-label":`Notifications`,children:r?.map(e=>q(`li`,{children:q(Ko,{of:e})},e.id))}),ja.value&&q(Y,{isBusy:e,onClick:()=>void n(Fa),children:`More`})]})}var Jo=700;function Yo(){let e=Cr.value===`waiting`||Cr.value===`connecting`&&Ga.value!==`loading`||Ga.value===`failed`,[t,n]=A(!1);return j(()=>{if(!e)return n(!1);let t=setTimeout(()=>n(!0),Jo);return()=>clearTimeout(t)},[e]),q(`div`,{class:`banner-place`,role:`status`,children:t&&e&&q(`p`,{class:`banner`,children:[q(`span`,{class:`banner-pulse`,"aria-hidden":`true`}),`Reconnecting … What you write is kept and sent.`]})})}function Xo({title:e,children:t,onClose:n}){let r=Ne(null),i=Fe();return j(()=>{let e=r.current;return e?.showModal(),()=>e?.close()},[]),q(`dialog`,{ref:r,class:`dialog`,"aria-labelledby":i,onCancel:e=>(e.preventDefault(),n()),onClick:e=>e.target===r.current&&n(),children:q(`div`,{class:`dialog-body`,children:[q(`h2`,{id:i,children:e}),t]})})}var Zo=({action:e,isBusy:t=!1,onConfirm:n,children:r,...i})=>q(Xo,{...i,children:[r,q(`div`,{class:`dialog-actions`,children:[q(Y,{onClick:i.onClose,children:`Cancel`}),q(Y,{look:`alert`,isBusy:t,onClick:n,children:e})]})]}),Qo={OWNER:`the owner`,ADMIN:`an admin`,MEMBER:`a member`},$o=e=>({OWNER:`Owner`,ADMIN:`Admin`,MEMBER:`Member`})[e];function es({notice:e}){if(!e)return``;let{actor:t,subject:n,kind:r,name:i,role:a}=e,o=e=>e?.id===G.value,s=o(t)?`You`:t?W(t):`Somebody`,c=o(n)?`you`:n?W(n):`somebody`,l=!t||!n||t.id===n.id;switch(r){case`CONVERSATION_CREATED`:return`${s} made ${i?`“${i}”`:`this group`}`;case`CONVERSATION_CHANGED`:return i?`${s} named it “${i}”`:`${s} changed how it shows itself`;case`MEMBER_INVITED`:return`${s} invited ${c}`;case`MEMBER_JOINED`:return l?`${n?o(n)?`You`:W(n):s} came in`:`${s} let ${c} in`;case`MEMBER_LEFT`:return`${n?o(n)?`You`:W(n):s} left`;case`MEMBER_REMOVED`:return`${s} took ${c} out`;case`MESSAGE_PINNED`:return`${s} pinned a message`;case`ROLE_CHANGED`:return`${s} made ${c} ${a?Qo[a]:`somebody else`}`}}var ts=e=>U(e.peerId)?.displayName??e.title;function ns(e,t){if(t.state===`INVITED`){let e=U(t.invitedById);return e?`${e.displayName} invites you`:`You are invited`}if(!e)return t.kind===`DIRECT`?`Say hello`:`Nothing said yet`;if(e.notice)return es(e);let n=e.deletedAt?`Message deleted`:e.text??e.attachments[0]?.name??`Attachment`;return e.author?e.author.id===G.value?`You: ${n}`:t.kind===`GROUP`?`${W(e.author)}: ${n}`:n:n}function rs(e){let t=[...e.typing.keys()].map(e=>U(e)?.displayName??`Somebody`);return t.length===0?null:e.kind===`DIRECT`?`typing …`:t.length===1?`${t[0]} is typing …`:t.length===2?`${t[0]} and ${t[1]} are typing …`:`${t.length} people are typing …`}function is({of:e}){let t=rs(e),n=aa.value.findLast(t=>t.conversationId===e.id),r=ts(e),i=n?.at??e.lastMessage?.createdAt;return q(`a`,{class:`row`,href:K.conversation(e.id),"aria-current":Ha.value===e.id?`page`:void 0,"data-unread":e.unread>0,children:[q(To,{id:e.peerId??e.id,name:r,shape:e.kind===`GROUP`?`group`:`person`}),q(`span`,{class:`row-words`,children:[q(`span`,{class:`row-top`,children:[q(`span`,{class:`row-title`,children:r}),e.isMuted&&q(`span`,{class:`row-muted`,children:[q(J,{name:`mute`}),q(`span`,{class:`hidden`,children:`Muted`})]}),i&&q(`time`,{dateTime:i,children:Bo(i)})]}),q(`span`,{class:`row-bottom`,children:[q(`span`,{class:`row-preview`,"data-typing":t!==null,children:t??(n?`You: ${n.text}`:ns(e.lastMessage,e))}),e.peerId&&U(e.peerId)?.isOnline&&q(`span`,{class:`hidden`,children:`Online`}),e.unread>0&&q(`span`,{class:`badge`,children:[xo(e.unread),q(`span`,{class:`hidden`,children:` unread`})]})]})]})]})}function as(){let e=Ne(null);return q(`section`,{class:`list`,"aria-label":`Conversations`,children:[q(`header`,{class:`bar`,children:[q(`h2`,{class:`bar-title`,children:`Conversations`}),q(so,{icon:`plus`,label:`New conversation`,href:K.new})]}),Ga.value===`loading`&&q(`p`,{class:`waiting`,children:`Loading …`}),Ga.value===`failed`&&q(`p`,{class:`waiting`,children:`The server does not answer. Trying again …`}),Ga.value===`ready`&&Bi.value.length===0&&q(`p`,{class:`list-none`,children:`They will stand here.`}),q(`ul`,{ref:e,onKeyDown:t=>{let n=t.key===`ArrowDown`?1:t.key===`ArrowUp`?-1:0;if(n===0)return;let r=[...e.current?.querySelectorAll(`.row`)??[]],i=r.indexOf(document.activeElement),a=r[i+n];i<0||!a||(t.preventDefault(),a.focus())},children:Bi.value.map(e=>q(`li`,{children:q(is,{of:e})},e.id))})]})}var os=250;function ss(e){let[t,n]=A(null),{errors:r,run:i}=Q();return j(()=>{let t=new AbortController;if(!e.trim())return n(null);let r=setTimeout(()=>{i(async()=>{let{users:r}=await V.request(bi,{matching:e.trim(),first:12},{signal:t.signal});if(!t.signal.aborted){for(let e of r?.nodes??[])wi(e);n(r?.nodes??[])}},t.signal)},os);return()=>{clearTimeout(r),t.abort()}},[e]),{people:t,error:$(r)}}var cs=({of:e})=>{let t=H(e).value;return q(x,{children:[q(To,{id:t.id,name:t.displayName}),q(`span`,{class:`line-words`,children:[q(`span`,{class:`line-title`,children:t.displayName}),q(`span`,{class:`line-sub`,children:t.username?`@${t.username}`:`No username`})]})]})};function ls({autoFocus:e=!1}){let[t,n]=A(``),{people:r,error:i}=ss(t),{isBusy:a,errors:o,run:s}=Q(),c=e=>void s(async()=>{let{openConversation:t}=await V.request($r,{with:{id:e}});return t?.conversation&&(Wi(t.conversation),Ua(K.conversation(t.conversation.id))),t?.errors});return q(`div`,{class:`find`,children:[q(X,{label:`Find somebody`,placeholder:`Their username or name`,value:t,onValue:n,type:`search`,autoComplete:`off`,autoCapitalize:`none`,spellcheck:!1,autoFocus:e,error:i??$(o)??void 0}),q(`div`,{"aria-live":`polite`,children:[r?.length===0&&q(`p`,{class:`find-none`,children:[`Nobody here goes by “`,t.trim(),`”. Send them your link instead.`]}),r&&r.length>0&&q(`ul`,{class:`lines`,"aria-label":`People`,children:r.map(e=>q(`li`,{children:q(`button`,{type:`button`,class:`line`,disabled:a,onClick:()=>c(e.id),children:[q(cs,{of:e}),q(J,{name:`chats`})]})},e.id))})]})]})}function us({address:e,label:t}){let[n,r]=A(!1),i=async()=>{try{await navigator.clipboard.writeText(e),r(!0),setTimeout(()=>r(!1),2500)}catch{}};return q(`div`,{class:`copy`,children:[q(`input`,{readOnly:!0,value:e,"aria-label":t,onFocus:e=>e.currentTarget.select()}),q(Y,{onClick:()=>void i(),children:[q(J,{name:n?`check`:`copy`}),q(`span`,{"aria-live":`polite`,children:n?`Copied`:`Copy`})]})]})}function ds({isFirst:e}){let t=U(G.value);return q(`div`,{class:`start`,children:q(`div`,{class:`start-body`,children:[q(ao,{}),q(`h1`,{children:e?`Hello, ${t?.displayName??`there`}.`:`Who do you want to talk to?`}),e&&q(`p`,{class:`start-lead`,children:`Two ways to the first conversation:`}),q(ls,{}),t?.username&&q(`section`,{class:`start-link`,children:[q(`h2`,{children:`Or send somebody your link`}),q(`p`,{children:`Whoever opens it lands in a conversation with you.`}),q(us,{address:Wa(K.with(t.username)),label:`Your link`})]}),q(`nav`,{class:`start-more`,"aria-label":`More ways to begin`,children:[q(`a`,{class:`button button-plain`,href:K.group,children:[q(J,{name:`people`}),` Make a group`]}),q(`a`,{class:`button button-plain`,href:K.rooms,children:[q(J,{name:`rooms`}),` Public rooms`]})]})]})})}function fs({username:e}){let{errors:t,run:n}=Q();j(()=>{n(async()=>{let{openConversation:t}=await V.request($r,{with:{username:e}});return t?.conversation&&(Wi(t.conversation),Ua(K.conversation(t.conversation.id),`replace`)),t?.errors})},[e]);let r=$(t);return q(`div`,{class:`start`,children:q(`div`,{class:`start-body`,children:r?q(x,{children:[q(`h1`,{children:[`No conversation with `,e]}),q(Z,{children:r}),q(ls,{})]}):q(`p`,{class:`waiting`,children:[`Opening the conversation with `,e,` …`]})})})}var ps=50,ms={OWNER:2,ADMIN:1,MEMBER:0};function hs({of:e}){let[t,n]=A([]),[r,i]=A([]),[a,o]=A(null),[s,c]=A(!1),{errors:l,run:u}=Q(),d=e.role===`OWNER`||e.role===`ADMIN`,f=async(t,n)=>{let{conversation:r}=await V.request(Zr,{id:e.id,first:ps,after:n,state:t});for(let{user:e}of r?.members?.nodes??[])wi(e);return r?.members},p=()=>u(async()=>{let[e,t]=await Promise.all([f(`JOINED`,null),d?f(`INVITED`,null):null]);n(e?.nodes??[]),o(e?.pageInfo.hasNextPage?e.pageInfo.endCursor:null),i(t?.nodes??[])}),m=()=>void u(async()=>{let e=await f(`JOINED`,a);n([...t,...e?.nodes??[]]),o(e?.pageInfo.hasNextPage?e.pageInfo.endCursor:null)}),h=e.lastMessage?.notice?e.lastMessage.id:null;j(()=>void p(),[e.id,e.memberCount,e.role,h]);let g=(t,n)=>void u(async()=>{let{setRole:r}=await V.request(ci,{id:e.id,userId:t,role:n});return r?.conversation&&Ui(r.conversation),r?.errors}),_=t=>void u(async()=>{let{removeMember:n}=await V.request(si,{id:e.id,userId:t});return n?.conversation&&Ui(n.conversation),n?.errors.length||i(r.filter(({user:e})=>e.id!==t)),n?.errors}),v=$(l),y=t=>{let n=H(t.user).value,r=e.role!==null&&ms[e.role]>ms[t.role];return q(`li`,{class:`line member`,children:[q(To,{id:n.id,name:n.displayName,size:`small`}),q(`span`,{class:`line-words`,children:[q(`span`,{class:`line-title`,children:[n.displayName,n.id===G.value&&` (you)`]}),q(`span`,{class:`line-sub`,children:t.state===`INVITED`?`Invited`:$o(t.role)})]}),e.role===`OWNER`&&r&&t.state===`JOINED`&&q(`select`,{"aria-label":`Role of ${n.displayName}`,value:t.role,onChange:e=>g(n.id,e.currentTarget.value),children:[`MEMBER`,`ADMIN`,`OWNER`].map(e=>q(`option`,{value:e,children:$o(e)},e))}),r&&q(oo,{icon:`close`,label:`Take ${n.displayName} out`,onClick:()=>_(n.id)})]},t.id)};return q(`section`,{class:`panel-part`,children:[q(`h3`,{children:[e.memberCount,` `,e.memberCount===1?`person`:`people`]}),v&&q(Z,{children:v}),d&&!s&&q(Y,{onClick:()=>c(!0),children:[q(J,{name:`plus`}),` Add people`]}),s&&q(gs,{of:e,onDone:()=>(c(!1),void p())}),q(`ul`,{class:`lines`,children:[t.map(y),r.map(y)]}),a&&q(Y,{onClick:m,children:`More`})]})}function gs({of:e,onDone:t}){let[n,r]=A(``),{people:i,error:a}=ss(n),{isBusy:o,errors:s,run:c}=Q(),l=(t,n)=>void c(async()=>{let i={id:e.id,userIds:[t]},a=n===`add`?(await V.request(ai,i)).addMembers:(await V.request(oi,i)).inviteMembers;return a?.conversation&&Ui(a.conversation),a?.errors.length||r(``),a?.errors});return q(`div`,{class:`find`,children:[q(X,{label:`Add people`,placeholder:`Their username or name`,type:`search`,value:n,onValue:r,autoFocus:!0,error:a??$(s)??void 0}),i&&q(`ul`,{class:`lines`,"aria-label":`People`,children:[i.map(e=>q(`li`,{class:`line`,children:[q(cs,{of:e}),q(Y,{isBusy:o,onClick:()=>l(e.id,`add`),children:`Add`}),q(Y,{look:`quiet`,isBusy:o,onClick:()=>l(e.id,`invite`),children:`Invite`})]},e.id)),i.length===0&&q(`li`,{class:`find-none`,children:`Nobody goes by that.`})]}),q(Y,{look:`quiet`,onClick:t,children:`Done`})]})}function _s({of:e}){let t=U(e.peerId),n=e.role===`OWNER`||e.role===`ADMIN`,[r,i]=A(!1);return q(`aside`,{class:`panel`,"aria-label":`About ${ts(e)}`,children:[q(`header`,{class:`bar`,children:[q(`h2`,{class:`bar-title`,children:e.kind===`GROUP`?`About this group`:`About`}),q(so,{icon:`close`,label:`Close`,href:K.conversation(e.id)})]}),q(`div`,{class:`panel-body`,children:[q(`div`,{class:`panel-face`,children:[q(To,{id:e.peerId??e.id,name:ts(e),size:`large`,shape:e.kind===`GROUP`?`group`:`person`}),q(`h3`,{children:ts(e)}),t?q(vs,{of:t}):q(`p`,{children:`${e.visibility===`PUBLIC`?`Public room`:`Private group`} · since ${zo(e.createdAt)}`}),e.description&&!r&&q(`p`,{class:`panel-about`,children:e.description}),n&&!r&&q(Y,{onClick:()=>i(!0),children:[q(J,{name:`edit`}),` Edit`]})]}),r&&q(ys,{of:e,onDone:()=>i(!1)}),e.kind===`GROUP`&&e.visibility===`PUBLIC`&&q(`section`,{class:`panel-part`,children:[q(`h3`,{children:`Link to this room`}),q(us,{address:Wa(K.conversation(e.id)),label:`Link to this room`})]}),q(xs,{of:e}),e.kind===`GROUP`&&q(hs,{of:e}),q(Ss,{of:e,peer:t})]})]})}var vs=({of:e})=>q(x,{children:[e.username&&q(`p`,{children:[`@`,e.username]}),q(`p`,{children:e.isOnline?`Online`:e.lastSeenAt?`Seen ${Ho(e.lastSeenAt)}`:`Offline`}),e.about&&q(`p`,{class:`panel-about`,children:e.about})]});function ys({of:e,onDone:t}){let[n,r]=A(e.name??``),[i,a]=A(e.description??``),[o,s]=A(e.visibility===`PUBLIC`),{isBusy:c,errors:l,run:u}=Q(),d=async()=>{let r={conversationId:e.id,name:n.trim(),description:i.trim()||null,visibility:o?`PUBLIC`:`PRIVATE`};await u(async()=>{let{updateConversation:e}=await V.request(ti,{input:r});return e?.conversation&&Ui(e.conversation),e?.errors})&&t()},f=$(l,`name`,`description`);return q(`form`,{class:`panel-part`,onSubmit:po(()=>void d()),children:[q(X,{label:`Name`,value:n,onValue:r,error:l.name,maxLength:200}),q(co,{label:`What it is about`,value:i,onValue:a,error:l.description}),q(bs,{isPublic:o,onChoice:s}),f&&q(Z,{children:f}),q(`div`,{class:`form-actions`,children:[q(Y,{onClick:t,children:`Cancel`}),q(Y,{look:`act`,type:`submit`,isBusy:c,children:`Save`})]})]})}var bs=({isPublic:e,onChoice:t})=>q(`label`,{class:`check`,children:[q(`input`,{type:`checkbox`,checked:e,onChange:e=>t(e.currentTarget.checked)}),q(`span`,{children:[q(`strong`,{children:`Anybody may find and join it`}),q(`span`,{children:`It stands among the public rooms.`})]})]});function xs({of:e}){let[t,n]=A([]),r=e.timeline.messages.reduce((e,{isPinned:t})=>e+Number(t),0);return j(()=>{let t=!0;return V.request(hi,{id:e.id}).then(({conversation:e})=>t&&n(e?.pinnedMessages?.nodes??[])).catch(()=>{}),()=>void(t=!1)},[e.id,r]),t.length===0?null:q(`section`,{class:`panel-part`,children:[q(`h3`,{children:`Pinned`}),q(`ul`,{class:`lines`,children:t.map(({id:t,text:n,author:r})=>q(`li`,{children:q(`a`,{class:`line`,href:K.message(e.id,t),children:[q(J,{name:`pin`}),q(`span`,{class:`line-words`,children:[q(`span`,{class:`line-title`,children:r?W(r):`Somebody`}),q(`span`,{class:`line-sub`,children:n??`Attachment`})]})]})},t))})]})}function Ss({of:e,peer:t}){let[n,r]=A(null),{isBusy:i,errors:a,run:o}=Q(),s=()=>void o(async()=>{let{setMuted:t}=await V.request(li,{id:e.id,isMuted:!e.isMuted});return t?.conversation&&Ui(t.conversation),t?.errors}),c=()=>void o(async()=>{if(!t)return;let{setBlocked:e}=await V.request(xi,{userId:t.id,isBlocked:!t.isBlockedByViewer});return e?.user&&wi(e.user),e?.errors}),l=()=>void o(async()=>{let t=n===`delete`?(await V.request(ii,{id:e.id})).deleteConversation?.errors:(await V.request(ri,{id:e.id})).leaveConversation?.errors;if(t&&t.length>0)return t;Ua(K.start,`replace`),Ri(e.id)}),u=$(a);return q(`section`,{class:`panel-part panel-doings`,"aria-label":`What to do`,children:[u&&q(Z,{children:u}),q(Y,{onClick:s,"aria-pressed":e.isMuted,children:[q(J,{name:e.isMuted?`bell`:`mute`}),` `,e.isMuted?`Notify me again`:`Mute`]}),t&&!t.isDeleted&&q(Y,{look:`alert`,onClick:c,children:t.isBlockedByViewer?`Unblock ${t.displayName}`:`Block ${t.displayName}`}),e.kind===`GROUP`&&q(Y,{onClick:()=>r(`leave`),children:[q(J,{name:`out`}),` Leave`]}),e.role===`OWNER`&&q(Y,{look:`alert`,onClick:()=>r(`delete`),children:[q(J,{name:`bin`}),` Delete the group`]}),n&&q(Zo,{title:n===`delete`?`Delete “${e.title}”?`:`Leave “${e.title}”?`,action:n===`delete`?`Delete`:`Leave`,isBusy:i,onClose:()=>r(null),onConfirm:l,children:q(`p`,{children:n===`delete`?`It goes with all its messages, for everybody. This cannot be undone.`:e.role===`OWNER`?`Another will own it after you.`:e.visibility===`PUBLIC`?`You can come back at any time.`:`To come back you must be invited.`})})]})}var Cs=3e3,ws=new Map,Ts=(e,t)=>void V.request(ui,{id:e,isTyping:t}).catch(()=>{});function Es(e){Date.now()-(ws.get(e)??0)<Cs||(ws.set(e,Date.now()),Ts(e,!0))}function Ds(e,t){ws.delete(e)&&t===`emptied`&&Ts(e,!1)}var Os=[`👍`,`❤️`,`😂`,`😮`,`😢`,`🎉`],ks=`🙂.😀.😉.😍.🤩.😎.🤔.😴.😅.🙃.😭.😡.🤯.🥳.🙈.🐸.👏.🙏.💪.👌.✌️.🤝.👋.👀.💛.💚.🔥.✨.⭐.✅.❌.❓.☕.🍰.🍀.🌧️.☀️.🌙.🎈.🎵.🚀.💡.📌.⏰.💯.🏆.🎁.🐛`.split(`.`);function As({onPick:e,onClose:t}){let n=Ne(null);return j(()=>{n.current?.querySelector(`button`)?.focus();let e=e=>{n.current?.contains(e.target)||t()};return addEventListener(`pointerdown`,e),()=>removeEventListener(`pointerdown`,e)},[]),q(`div`,{ref:n,class:`picker`,role:`dialog`,"aria-label":`Emoji`,onKeyDown:e=>{if(e.stopPropagation(),e.key===`Escape`)return t();let r={ArrowRight:1,ArrowLeft:-1,ArrowDown:8,ArrowUp:-8}[e.key];if(r===void 0)return;let i=[...n.current?.querySelectorAll(`button`)??[]],a=i.indexOf(document.activeElement);e.preventDefault(),i[Math.max(0,Math.min(i.length-1,a+r))]?.focus()},children:[...Os,...ks].map(t=>q(`button`,{type:`button`,onClick:()=>e(t),children:t},t))})}function js({message:e,isOwn:t,actions:n}){let[r,i]=A(!1),{may:a}=n,o=t=>{i(!1),n.react(e,t,!e.reactions.some(e=>e.emoji===t&&e.isByViewer))};return q(`div`,{class:`message-actions`,role:`toolbar`,"aria-label":`This message`,children:[a.write&&q(x,{children:[Os.slice(0,3).map(e=>q(`button`,{type:`button`,class:`icon-button quick`,"aria-label":`React with ${e}`,onClick:()=>o(e),children:e},e)),q(oo,{icon:`smile`,label:`React`,"aria-expanded":r,onClick:()=>i(!r)}),q(oo,{icon:`reply`,label:`Reply`,onClick:()=>n.reply(e)})]}),t&&a.write&&e.text!==null&&q(oo,{icon:`edit`,label:`Edit`,onClick:()=>n.edit(e)}),a.pin&&q(oo,{icon:`pin`,label:e.isPinned?`Unpin`:`Pin`,onClick:()=>n.pin(e)}),(t||a.removeOthers)&&q(oo,{icon:`bin`,label:`Delete`,onClick:()=>n.remove(e)}),r&&q(As,{onPick:o,onClose:()=>i(!1)})]})}var Ms=2e4,Ns=new Map,Ps=matchMedia(`(pointer: coarse)`);function Fs({conversation:e,writing:t,onWriting:n,onEditLast:r}){let{id:i}=e,a=Ne(null),[o,s]=A(Ns.get(i)??``),[c,l]=A(!1),{isBusy:u,errors:d,run:f,clear:p}=Q(),m=[...o].length;j(()=>{Ps.matches||a.current?.focus({preventScroll:!0})},[]),j(()=>{t.as!==`new`&&(t.as===`edit`&&s(t.of.text??``),a.current?.focus())},[t]),Me(()=>{let e=a.current;e&&(e.style.height=`auto`,e.style.height=`${e.scrollHeight+2}px`)},[o]);let h=e=>{s(e),t.as!==`edit`&&(Ns.set(i,e),e.trim()?Es(i):Ds(i,`emptied`))},g=()=>{p(),s(t.as===`edit`?Ns.get(i)??``:``),t.as!==`edit`&&Ns.delete(i),n({as:`new`}),a.current?.focus()},_=async()=>{let e=o.trim();if(!(!e||m>Ms)){if(t.as!==`edit`)return fa(i,e,t.as===`reply`?t.to:null),Ds(i,`sent`),g();await f(async()=>{let{editMessage:n}=await V.request(gi,{id:t.of.id,text:e});return n?.message&&Ji(i,n.message),n?.errors})&&g()}},v=e=>{e.isComposing||(e.key===`Enter`&&!e.shiftKey&&!Ps.matches?(e.preventDefault(),_()):e.key===`Escape`&&t.as!==`new`?(e.preventDefault(),g()):e.key===`ArrowUp`&&o===``&&t.as===`new`&&(e.preventDefault(),r()))},y=e=>{let t=a.current,n=t?.selectionStart??o.length;h(o.slice(0,n)+e+o.slice(t?.selectionEnd??n)),l(!1),requestAnimationFrame(()=>{t?.focus(),t?.setSelectionRange(n+e.length,n+e.length)})},b=m>Ms?`That is ${m-Ms} characters too long.`:$(d),x=t.as===`reply`?t.to:t.as===`edit`?t.of:null;return q(`form`,{class:`composer`,onSubmit:e=>{e.preventDefault(),_()},children:[x&&q(`div`,{class:`composer-about`,children:[q(J,{name:t.as===`edit`?`edit`:`reply`}),q(`p`,{children:[q(`strong`,{children:t.as===`edit`?`Other words for`:`Answer to ${x.author?W(x.author):`somebody`}`}),q(`span`,{children:x.text??`Attachment`})]}),q(oo,{icon:`close`,label:t.as===`edit`?`Leave it as it was`:`Answer nobody`,onClick:g})]}),b&&q(Z,{children:b}),q(`div`,{class:`composer-line`,children:[q(oo,{icon:`smile`,label:`Emoji`,"aria-expanded":c,onClick:()=>l(!c)}),c&&q(As,{onPick:y,onClose:()=>l(!1)}),q(`textarea`,{ref:a,rows:1,value:o,placeholder:`Write to ${ts(e)}`,"aria-label":`Message`,enterkeyhint:Ps.matches?`enter`:`send`,onInput:e=>h(e.currentTarget.value),onKeyDown:v,onBlur:()=>Ds(i,`emptied`)}),q(`button`,{type:`submit`,class:`send`,"aria-label":t.as===`edit`?`Save`:`Send`,disabled:!o.trim()||u||m>Ms,children:q(J,{name:t.as===`edit`?`check`:`send`})})]})]})}var Is=new Map,Ls=new Set;function Rs(e,t){let n=Ii(e);!n||n.state!==`JOINED`||t.seq<=n.readSeq||t.seq<=(Is.get(e)?.seq??0)||(Is.set(e,t),Ls.has(e)||zs(e))}async function zs(e){Ls.add(e);try{for(let t=Is.get(e);t;t=Is.get(e)){let{markRead:n}=await V.request(di,{id:e,messageId:t.id});Is.get(e)===t&&Is.delete(e);let r=n?.conversation,i=r?.viewerMembership?.readSeq??t.seq;Li(e,e=>i<e.readSeq?e:{...e,readSeq:i,unread:i>=(e.lastMessage?.seq??0)?0:r?.unreadCount??e.unread})}}catch{Is.delete(e)}finally{Ls.delete(e)}}var Bs=Object.assign;function Vs(e,t){for(var n in e)if(n!=`__source`&&e[n]!==t[n])return!0;for(var r in t)if(r!=`__source`&&!(r in e))return!0;return!1}var Hs=/^(-|f[lo].*[^se]$|g.{5,}[^ps]$|z|o[pr]|(W.{5})?[lL]i.*(t|mp)$|an|(bo|s).{4}Im|sca|m.{6}[ds]|ta|c.*[st]$|wido|ini|asp|fill|st)/;function Us(e,t){function n(e){var n=this.props.ref;return n!=e.ref&&n&&(typeof n==`function`?n(null):n.current=null),t?!t(this.props,e)||n!=e.ref:Vs(this.props,e)}function r(t){return this.shouldComponentUpdate=n,y(e,t)}return r.displayName=`Memo(`+(e.displayName||e.name)+`)`,r.prototype.isReactComponent=!0,r.type=e,r}var Ws=Symbol.for(`react.element`),Gs=/^(?:accent|alignment|arabic|baseline|cap|clip(?!PathU)|color|dominant|fill|flood|font|glyph(?!R)|horiz|image(?!S)|letter|lighting|marker(?!H|W|U)|overline|paint|pointer|shape|stop|strikethrough|stroke|text(?!L)|transform|underline|unicode|units|v|vector|vert|word|writing|x(?!C))[A-Z]/,Ks=/[A-Z0-9]/g,qs=typeof document<`u`,Js=function(e){return/fil|che|rad/.test(e)};S.prototype.isReactComponent=!0,[`componentWillMount`,`componentWillReceiveProps`,`componentWillUpdate`].forEach(function(e){Object.defineProperty(S.prototype,e,{configurable:!0,get:function(){return this[`UNSAFE_`+e]},set:function(t){Object.defineProperty(this,e,{configurable:!0,writable:!0,value:t})}})});var Ys=e.event;e.event=function(e){return Ys&&(e=Ys(e)),e.persist=function(){},e.isPropagationStopped=function(){return this.cancelBubble},e.isDefaultPrevented=function(){return this.defaultPrevented},e.nativeEvent=e};var Xs={configurable:!0,get:function(){return this.class}},Zs=e.vnode;e.vnode=function(e){if(typeof e.type==`string`)(function(e){var t=e.props,n=e.type,r={},i=n.indexOf(`-`)==-1;for(var a in t){var o=t[a];if(!(a==`value`&&`defaultValue`in t&&o==null||qs&&a==`children`&&n==`noscript`||a==`class`||a==`className`)){if(a==`style`&&o&&o.constructor==Object){var s=void 0;for(var c in o)typeof o[c]!=`number`||Hs.test(c)||(s||=o=Bs({},o),o[c]+=`px`)}else if(a==`defaultValue`&&`value`in t&&t.value==null)a=`value`;else if(a==`download`&&!0===o)o=``;else if(a==`translate`&&o===`no`)o=!1;else if(a[0]==`o`&&a[1]==`n`){var l=a.toLowerCase();l==`ondoubleclick`?a=`ondblclick`:l!=`onchange`||n!=`input`&&n!=`textarea`||Js(t.type)?l==`onfocus`?a=`onfocusin`:l==`onblur`&&(a=`onfocusout`):l=a=`oninput`,l==`oninput`&&r[a=l]&&(a=`oninputCapture`)}else i&&Gs.test(a)?a=a.replace(Ks,`-$&`).toLowerCase():o===null&&(o=void 0);r[a]=o}}if(n==`select`){var u=r.defaultValue==null?r.multiple&&Array.isArray(r.value)?r.value:null:r.defaultValue;u!=null&&(r.value=re(t.children).forEach(function(e){e.props.selected=r.multiple?u.indexOf(e.props.value)!=-1:u==e.props.value}))}t.class&&!t.className?(r.class=t.class,Object.defineProperty(r,"className",Xs)):t.className&&(r.class=r.className=t.className),e.props=r})(e);else if(typeof e.type==`function`&&(`ref`in e.props&&`prototype`in e.type&&e.type.prototype.render&&(e.ref=e.props.ref,delete e.props.ref),e.type.defaultProps)){var t=Bs({},e.props);for(var n in e.type.defaultProps)t[n]===void 0&&(t[n]=e.type.defaultProps[n]);e.props=t}e.ref&&!(`ref`in e.props)&&Object.defineProperty(e.props,"ref",{value:e.ref,configurable:!0,writable:!0}),e.$$typeof=Ws,Zs&&Zs(e)};var Qs=/\bhttps?:\/\/[^\s<>"'`{}|\\^]+/gi,$s=/[.,;:!?…)\]]+$/;function ec(e){let t=$s.exec(e)?.[0];if(!t)return e;let n=(e.match(/\(/g)??[]).length,r=e.slice(0,-t.length);return t.startsWith(`)`)&&n>(r.match(/\)/g)??[]).length?`${r})`:r}function tc(e){try{let{protocol:t,href:n}=new URL(e);return t===`https:`||t===`http:`?n:null}catch{return null}}var nc=({href:e,children:t})=>{let n=tc(e);return n?q(`a`,{href:n,target:`_blank`,rel:`noopener noreferrer nofollow`,children:t}):q(`span`,{children:t})};function rc({text:e}){let t=[],n=0;for(let r of e.matchAll(Qs)){let i=ec(r[0]);tc(i)&&(r.index>n&&t.push(e.slice(n,r.index)),t.push(q(nc,{href:i,children:i})),n=r.index+i.length)}return n===0?q(x,{children:e}):(n<e.length&&t.push(e.slice(n)),q(x,{children:t}))}function ic(){try{return RegExp(`^(?:\\p{RGI_Emoji}){1,3}$`,`v`)}catch{return null}}var ac=ic(),oc=e=>e.length<40&&(ac?.test(e.trim())??!1),sc=3e5;function cc({message:e,previous:t,isNewFrom:n}){return!t||n||t.notice||e.notice||e.replyTo||t.author?.id!==e.author?.id?!1:Date.parse(e.createdAt)-Date.parse(t.createdAt)<sc&&Fo(t.createdAt)===Fo(e.createdAt)}var lc={sent:{icon:`check`,label:`Sent`},delivered:{icon:`checks`,label:`Delivered`},read:{icon:`checks`,label:`Read`}},uc=Us(e=>{let{message:t,previous:n,isNewFrom:r}=e;return q(x,{children:[(!n||Fo(n.createdAt)!==Fo(t.createdAt))&&q(`p`,{class:`day`,children:q(`span`,{children:Vo(t.createdAt)})}),r&&q(`p`,{class:`new-from`,children:q(`span`,{children:`New`})}),t.notice?q(`p`,{class:`notice`,"data-seq":t.seq,children:[es(t),q(`time`,{dateTime:t.createdAt,children:[` · `,Lo(t.createdAt)]})]}):q(dc,{...e})]})});function dc(e){let{message:t,isOwn:n,isGroup:r,isActive:i,isTabStop:a,isFound:o,progress:s,actions:c}=e,l=cc(e),u=t.author,d=u?W(u):`Somebody`,f=t.deletedAt?null:t.text;return q(`article`,{class:`message`,"data-seq":t.seq,"data-id":t.id,"data-own":n,"data-goes-on":l,"data-found":o,"data-active":i,tabIndex:a?0:-1,"aria-label":`${n?`You`:d}, ${Lo(t.createdAt)}: ${t.deletedAt?`message deleted`:f??`attachment`}`,children:[r&&!n&&(l?q(`span`,{class:`message-indent`}):q(To,{id:u?.id??``,name:d,size:`small`})),q(`div`,{class:`message-stack`,children:[r&&!n&&!l&&q(`span`,{class:`message-author`,children:d}),q(`div`,{class:`bubble`,"data-deleted":t.deletedAt!==null,"data-alone":f!==null&&oc(f)&&!t.replyTo,children:[t.replyTo&&q(fc,{of:t.replyTo,onOpen:()=>c.jump(t.replyTo.id)}),t.deletedAt?q(`span`,{class:`bubble-text`,children:`Message deleted`}):q(x,{children:[f!==null&&q(`span`,{class:`bubble-text`,children:q(rc,{text:f})}),t.attachments.map(({url:e,name:t})=>q(nc,{href:e,children:[q(J,{name:`link`}),` `,t??e]},e))]}),q(`span`,{class:`bubble-meta`,children:[t.isPinned&&q(`span`,{title:`Pinned`,children:[q(J,{name:`pin`}),q(`span`,{class:`hidden`,children:`Pinned`})]}),t.editedAt&&!t.deletedAt&&q(`span`,{title:Ro(t.editedAt),children:`edited`}),q(`time`,{dateTime:t.createdAt,title:Ro(t.createdAt),children:Lo(t.createdAt)}),s&&q(`span`,{class:`progress`,"data-progress":s,title:lc[s].label,children:[q(J,{name:lc[s].icon}),q(`span`,{class:`hidden`,children:lc[s].label})]})]})]}),t.reactions.length>0&&q(`div`,{class:`reactions`,role:`group`,"aria-label":`Reactions`,children:t.reactions.map(({emoji:e,count:n,isByViewer:r})=>q(`button`,{type:`button`,class:`reaction`,"aria-pressed":r,"aria-label":`${e} ${n}`,onClick:()=>c.react(t,e,!r),children:[q(`span`,{"aria-hidden":`true`,children:e}),q(`span`,{"aria-hidden":`true`,children:n})]},e))})]}),i&&!t.deletedAt&&q(js,{message:t,isOwn:n,actions:c})]})}var fc=({of:e,onOpen:t})=>q(`button`,{type:`button`,class:`quoted`,onClick:t,children:[q(`span`,{class:`quoted-author`,children:e.author?W(e.author):`Somebody`}),q(`span`,{class:`quoted-text`,children:e.deletedAt?`Message deleted`:e.text??`Attachment`})]}),pc=({pending:e})=>q(`article`,{class:`message`,"data-own":!0,"data-goes-on":!1,"data-pending":e.state,tabIndex:-1,"aria-label":`You: ${e.text}`,children:q(`div`,{class:`message-stack`,children:[q(`div`,{class:`bubble`,children:[e.replyTo&&q(`span`,{class:`quoted`,children:[q(`span`,{class:`quoted-author`,children:e.replyTo.author?H(e.replyTo.author).value.displayName:`Somebody`}),q(`span`,{class:`quoted-text`,children:e.replyTo.text})]}),q(`span`,{class:`bubble-text`,children:q(rc,{text:e.text})}),q(`span`,{class:`bubble-meta`,children:q(`span`,{class:`progress`,title:e.state===`failed`?`Not sent`:`Sending`,children:[q(J,{name:e.state===`failed`?`alert`:e.state===`stored`?`check`:`clock`}),q(`span`,{class:`hidden`,children:e.state===`failed`?`Not sent`:e.state===`stored`?`Sent`:`Sending`})]})})]}),e.state===`failed`&&q(`div`,{class:`pending-failed`,role:`alert`,children:[q(`span`,{children:[`Not sent. `,e.problem]}),q(Y,{look:`quiet`,onClick:()=>pa(e),children:`Try again`}),q(Y,{look:`quiet`,onClick:()=>ua(e.clientId),children:`Discard`})]})]})}),mc=20;function hc(e){let t=[];for(let n=0;n<e.length;){let r=Math.floor(e[n].seq/mc),i=n+1;for(;i<e.length&&Math.floor(e[i].seq/mc)===r;)i+=1;let a=e.slice(n,i);t.push({key:r,messages:a,previous:e[n-1]??null,holds:e=>e!==null&&a.some(t=>t.id===e),hasOwn:e=>a.some(t=>t.author?.id===e)}),n=i}return t}function gc({seq:e},{read:t,delivered:n}){return e<=t?`read`:e<=n?`delivered`:`sent`}function _c(e,t){return e===t||e.previous===t.previous&&e.messages.length===t.messages.length&&e.messages.every((e,n)=>e===t.messages[n])}function vc(e,t){let{chunk:n,...r}=e,{chunk:i,...a}=t,o=Object.keys(a);return _c(n,i)&&o.every(e=>r[e]===a[e])}var yc=Us(({chunk:e,isGroup:t,viewer:n,activeId:r,stopId:i,foundId:a,newFromId:o,progress:s,actions:c})=>q(`div`,{class:`chunk`,"data-chunk":e.key,children:e.messages.map((l,u)=>q(uc,{message:l,previous:e.messages[u-1]??e.previous,isOwn:l.author?.id===n,isGroup:t,isActive:l.id===r,isTabStop:l.id===i,isFound:l.id===a,isNewFrom:l.id===o,progress:s&&l.author?.id===n&&!l.deletedAt?gc(l,s):null,actions:c},l.id))}),vc),bc=2e3,xc=700,Sc=54;function Cc(e){let t=Ne(new Map),[n,r]=A({low:-1/0,high:1/0}),i=({key:e,messages:n})=>t.current.get(e)??n.length*Sc,a=e=>e.reduce((e,t)=>e+i(t),0),o=e.findIndex(({key:e})=>e>=n.low),s=e.findLastIndex(({key:e})=>e<=n.high),c=o>=0&&s>=o,l=c?e.slice(o,s+1):e.slice(-3);return{shown:l,above:a(c?e.slice(0,o):e.slice(0,-3)),below:c?a(e.slice(s+1)):0,measure:e=>{for(let n of e.querySelectorAll(`[data-chunk]`))t.current.set(Number(n.dataset.chunk),n.getBoundingClientRect().height)},look:(t,a)=>{let o=a.getBoundingClientRect().top-t.getBoundingClientRect().top,s=t.clientHeight,c=null,u=null,d=!0;for(let t of e){let e=o+i(t);e>-2e3&&o<s+bc&&(c??=t.key,u=t.key),e>-700&&o<s+xc&&(d&&=t.key>=n.low&&t.key<=n.high),o=e}if(c===null||u===null)return;let f=l.length>2+e.filter(({key:e})=>e>=c&&e<=u).length;(!d||f)&&r({low:c,high:u===e.at(-1)?.key?1/0:u})},offsetOf:t=>{let n=e.findIndex(e=>e.holds(t));return n<0?null:a(e.slice(0,n))}}}var wc=48,Tc=e=>e.scrollHeight-e.scrollTop-e.clientHeight<wc;function Ec(e,t){if(t&&Tc(e))return`end`;let n=e.getBoundingClientRect().top;for(let t of e.querySelectorAll(`[data-chunk]`))if(!(t.getBoundingClientRect().bottom<=n))for(let e of t.querySelectorAll(`[data-seq]`)){let{top:t,bottom:r}=e.getBoundingClientRect();if(r>n)return{row:e,top:t-n}}return null}function Dc(e,t){if(t===`end`){e.scrollTop=e.scrollHeight;return}if(!t.row.isConnected)return;let n=t.row.getBoundingClientRect().top-e.getBoundingClientRect().top-t.top;Math.abs(n)>=1&&(e.scrollTop+=n)}var Oc=1600;function kc({conversation:e,actions:t,messageId:n}){let{id:r,timeline:i}=e,{messages:a}=i,o=Ne(null),s=Ne(null),c=Ne(null),l=Ne(!0),[u,d]=A(!1),[f,p]=A(null),[m,h]=A(null),[g]=A(()=>e.unread>0?e.readSeq:null),_=Cc(Pe(()=>hc(a),[a])),v=aa.value.filter(e=>e.conversationId===r),y=e.marks,b=Pe(()=>[...y.values()],[y]),x=Pe(()=>({read:b.length>0?Math.min(...b.map(({readSeq:e})=>e)):0,delivered:b.length>0?Math.min(...b.map(({deliveredSeq:e})=>e)):0}),[b]),S=Pe(()=>g===null?null:a.find(({seq:e,author:t})=>e>g&&t&&t.id!==G.value)?.id??null,[a,g]),C=Ne(!0),w=Ne(null);w.current=o.current&&Ec(o.current,C.current),Me(()=>{s.current&&_.measure(s.current),o.current&&w.current&&Dc(o.current,w.current),w.current=null,C.current=i.after===null}),jc(o,_,n,l);let T=()=>{let e=o.current;if(!e||!c.current)return;_.look(e,c.current),l.current=i.after===null&&Tc(e),d(!l.current),i.before&&e.scrollTop<Oc&&wa(r).catch(()=>{}),i.after&&e.scrollHeight-e.scrollTop-e.clientHeight<Oc&&Ta(r).catch(()=>{});let t=a.at(-1);t&&l.current&&document.hasFocus()&&!document.hidden&&Rs(r,t)};j(T),j(()=>(addEventListener(`focus`,T),()=>removeEventListener(`focus`,T))),j(()=>{let e=o.current;if(!e||!s.current)return;let t=new ResizeObserver(()=>{l.current&&(e.scrollTop=e.scrollHeight)});return t.observe(e),t.observe(s.current),()=>t.disconnect()},[i.state]);let E=e=>{let t=[...s.current?.querySelectorAll(`article[data-id]`)??[]],n=t.findIndex(e=>e.contains(document.activeElement));t[n<0?t.length-1:Math.max(0,n+e)]?.focus()},D=e=>{let{target:t}=e;if(!(t instanceof HTMLElement)||!t.matches(`article`))e.key===`Escape`&&t.closest(`article`)?.focus();else{if(e.key===`ArrowUp`)E(-1);else if(e.key===`ArrowDown`)E(1);else if(e.key===`Enter`)t.querySelector(`.message-actions button`)?.focus();else return;e.preventDefault()}},ee=e=>{let t=e.target.closest?.(`article[data-id]`)?.getAttribute(`data-id`)??null;p(t),e.type===`focusin`&&t&&h(t)};if(i.state===`failed`)return q(`div`,{class:`messages-none`,children:[q(`p`,{children:`The messages could not be fetched.`}),q(Y,{onClick:()=>void Ca(r),children:`Try again`})]});let te=a.at(-1)?.id??null,ne=m&&a.some(e=>e.id===m)?m:te,re=rs(e);return q(`div`,{class:`messages-place`,children:[q(`div`,{ref:o,class:`messages`,role:`log`,"aria-live":`off`,"aria-label":`Messages`,"aria-busy":i.state===`loading`,onScroll:T,onKeyDown:D,onPointerOver:e=>e.pointerType===`mouse`&&ee(e),onPointerLeave:e=>e.pointerType===`mouse`&&p(null),onClick:ee,onFocusIn:ee,children:q(`div`,{ref:s,class:`messages-content`,children:[i.before!==null&&q(`p`,{class:`messages-more`,children:`Loading what was said before …`}),i.state===`ready`&&i.before===null&&q(Ac,{of:e}),q(`div`,{class:`messages-held`,children:[q(`div`,{ref:c,style:{height:`${_.above}px`}}),_.shown.map(r=>q(yc,{chunk:r,isGroup:e.kind===`GROUP`,viewer:G.value,activeId:r.holds(f)?f:null,stopId:r.holds(ne)?ne:null,foundId:r.holds(n)?n:null,newFromId:r.holds(S)?S:null,progress:r.hasOwn(G.value)?x:null,actions:t},r.key)),q(`div`,{style:{height:`${_.below}px`}})]}),i.after===null&&v.map(e=>q(pc,{pending:e},e.clientId)),re&&i.after===null&&q(`p`,{class:`typing`,children:[q(`span`,{class:`typing-dots`,"aria-hidden":`true`,children:[q(`i`,{}),q(`i`,{}),q(`i`,{})]}),e.kind===`DIRECT`?`${U(e.peerId)?.displayName??`Somebody`} is typing …`:re]})]})}),u&&i.state===`ready`&&q(`div`,{class:`to-end`,children:q(oo,{icon:`down`,label:e.unread>0?`To the latest, ${e.unread} unread`:`To the latest`,onClick:()=>{n&&Ua(K.conversation(r),`replace`),l.current=!0,i.after===null?o.current&&(o.current.scrollTop=o.current.scrollHeight):Ca(r)}})})]})}var Ac=({of:e})=>q(`p`,{class:`beginning`,children:e.kind===`DIRECT`?`This is where you and ${U(e.peerId)?.displayName??e.title} begin. Say hello.`:`This is where “${e.title}” begins.`});function jc(e,t,n,r){let i=Ne(null);Me(()=>{let a=e.current;if(n||(i.current=null),!a||!n||i.current===n)return;let o=t.offsetOf(n);if(o===null)return;r.current=!1;let s=a.querySelector(`article[data-id="${CSS.escape(n)}"]`);s?(i.current=n,s.scrollIntoView({block:`center`}),s.focus({preventScroll:!0})):a.scrollTop=o})}var Mc=20,Nc=300,Pc=200;function Fc(e){let[t,n]=A(``),[r,i]=A(null),[a,o]=A(null),{isBusy:s,errors:c,run:l}=Q(),u=async(t,n,r)=>{let{searchMessages:a}=await V.request(mi,{text:t.trim(),conversationId:e,first:Mc,after:n},r?{signal:r}:{});if(!r?.aborted){for(let{author:e}of a?.nodes??[])e&&H(e);i(e=>[...n?e??[]:[],...a?.nodes??[]]),o(a?.pageInfo.hasNextPage?a.pageInfo.endCursor:null)}};return j(()=>{if(!t.trim()){i(null),o(null);return}let e=new AbortController,n=setTimeout(()=>void l(()=>u(t,null,e.signal),e.signal),Nc);return()=>{clearTimeout(n),e.abort()}},[t,e]),{text:t,setText:n,found:r,after:a,isBusy:s,errors:c,more:()=>void l(()=>u(t,a))}}function Ic({conversationId:e}){let{text:t,setText:n,found:r,after:i,isBusy:a,errors:o,more:s}=Fc(e);return q(x,{children:[q(X,{label:`Words`,hint:`Each word is found by its beginning; all must be there.`,type:`search`,value:t,onValue:n,autoFocus:!0,autoComplete:`off`,maxLength:Pc,error:o.text??$(o,`text`)??void 0}),q(`div`,{"aria-live":`polite`,children:r?.length===0&&q(`p`,{class:`none`,children:`Nobody has said that where you can read it.`})}),r&&q(`ul`,{class:`lines`,"aria-label":`Messages found`,children:r.map(({id:n,text:r,createdAt:i,author:a,conversation:o})=>q(`li`,{children:q(`a`,{class:`line`,href:K.message(o.id,n),children:[q(To,{id:a?.id??n,name:a?W(a):`?`,size:`small`}),q(`span`,{class:`line-words`,children:[q(`span`,{class:`line-title`,children:[a?W(a):`Somebody`,!e&&q(`span`,{class:`line-where`,children:[` in `,o.title]})]}),q(Rc,{text:r??``,words:t})]}),q(`time`,{dateTime:i,children:Bo(i)})]})},n))}),i&&q(Y,{isBusy:a,onClick:s,children:`More`})]})}var Lc=40;function Rc({text:e,words:t}){let n=t.trim().split(/\s+/)[0]?.toLocaleLowerCase()??``,r=n?e.toLocaleLowerCase().indexOf(n):-1;if(r<0)return q(`span`,{class:`line-sub`,children:e});let i=Math.max(0,r-Lc);return q(`span`,{class:`line-sub`,children:[i>0&&`…`,e.slice(i,r),q(`mark`,{children:e.slice(r,r+n.length)}),e.slice(r+n.length)]})}var zc=()=>q(Uo,{title:`Search`,children:q(Ic,{conversationId:null})}),Bc=({id:e})=>q(`aside`,{class:`panel`,"aria-label":`Search in this conversation`,children:[q(`header`,{class:`bar`,children:[q(`h2`,{class:`bar-title`,children:`Search`}),q(so,{icon:`close`,label:`Close`,href:K.conversation(e)})]}),q(`div`,{class:`panel-body`,children:q(Ic,{conversationId:e})})]});function Vc({id:e,panel:t,messageId:n}){let r=Ii(e),[i,a]=A(!1),{errors:o,run:s}=Q();if(j(()=>{r||s(async()=>a(!await Oa(e)))},[e]),!r){let e=$(o);return q(`div`,{class:`start`,children:q(`div`,{class:`start-body`,children:[e&&q(Z,{children:e}),i?q(Hc,{}):!e&&q(`p`,{class:`waiting`,children:`Opening …`})]})})}return r.state===`JOINED`?q(Gc,{of:r,panel:t,messageId:n}):q(Uc,{of:r})}var Hc=()=>q(x,{children:[q(`h1`,{children:`Not here`}),q(`p`,{children:`There is no such conversation, or it is not yours to see. Who runs it can invite you.`}),q(`a`,{class:`button button-act`,href:K.start,children:`To your conversations`})]});function Uc({of:e}){let{isBusy:t,errors:n,run:r}=Q(),i=U(e.invitedById),a=()=>void r(async()=>{let{joinConversation:t}=await V.request(ni,{id:e.id});return t?.conversation&&Wi(t.conversation),t?.errors}),o=()=>void r(async()=>{let{leaveConversation:t}=await V.request(ri,{id:e.id});return t?.errors.length||Ua(K.start,`replace`),t?.errors}),s=$(n);return q(`div`,{class:`start`,children:[q(`a`,{class:`icon-button door-back`,href:K.start,"aria-label":`Back`,children:q(J,{name:`back`})}),q(`div`,{class:`start-body door`,children:[q(To,{id:e.id,name:e.title,size:`large`,shape:`group`}),q(`h1`,{children:e.title}),e.description&&q(`p`,{class:`door-about`,children:e.description}),q(`p`,{class:`door-facts`,children:[e.memberCount,` `,e.memberCount===1?`person`:`people`,` · `,e.onlineMemberCount,` online`,i&&` · ${i.displayName} invites you`]}),s&&q(Z,{children:s}),q(`div`,{class:`door-actions`,children:[q(Y,{look:`act`,isBusy:t,onClick:a,children:e.state===`INVITED`?`Accept`:`Join`}),e.state===`INVITED`&&q(Y,{onClick:o,children:`Decline`})]})]})]})}function Wc(e){let t=rs(e);if(t)return t;let n=U(e.peerId);return n?n.isDeleted?`This account is gone`:n.isOnline?`Online`:n.lastSeenAt?`Seen ${Ho(n.lastSeenAt)}`:`Offline`:`${e.memberCount} ${e.memberCount===1?`person`:`people`} · ${e.onlineMemberCount} online`}function Gc({of:e,panel:t,messageId:n}){let{id:r}=e,[i,a]=A({as:`new`}),[o,s]=A(null),{isBusy:c,errors:l,run:u,clear:d}=Q(),f=ts(e);j(()=>{let t=n!==null&&e.timeline.messages.some(e=>e.id===n);(e.timeline.state===`none`||n&&!t)&&Ca(r,n??void 0)},[r,n]),j(()=>(Da(r).catch(()=>{}),()=>Ea(r)),[r]),j(()=>{document.title=`${e.unread>0?`(${e.unread}) `:``}${f} · natterjack`});let p=U(e.peerId)?.isDeleted??!1,m=e.role===`OWNER`||e.role===`ADMIN`,h=Pe(()=>{let t=e=>(e?.message&&Ji(r,e.message),e?.errors);return{react:(e,n,r)=>void u(async()=>t((await V.request(vi,{id:e.id,emoji:n,isOn:r})).setReaction)),pin:e=>void u(async()=>t((await V.request(yi,{id:e.id,isPinned:!e.isPinned})).setPinned)),reply:e=>a({as:`reply`,to:e}),edit:e=>a({as:`edit`,of:e}),remove:s,jump:e=>Ua(K.message(r,e)),may:{write:!p,removeOthers:m,pin:e.kind===`DIRECT`||m}}},[r,m,p,e.kind]),g=async()=>{o&&await u(async()=>{let{deleteMessage:e}=await V.request(_i,{id:o.id});return e?.message&&Ji(r,e.message),e?.errors})&&s(null)},_=()=>{let t=e.timeline.messages.findLast(({author:e,deletedAt:t,text:n})=>e?.id===G.value&&!t&&n!==null);t&&a({as:`edit`,of:t})},v=$(l);return q(`div`,{class:`talk`,"data-panel":t!==null,children:[q(`section`,{class:`talk-main`,"aria-label":`Conversation with ${f}`,children:[q(`header`,{class:`bar talk-bar`,children:[q(`a`,{class:`icon-button phone-only`,href:K.start,"aria-label":`Back to conversations`,children:q(J,{name:`back`})}),q(`a`,{class:`talk-who`,href:K.about(r),children:[q(To,{id:e.peerId??r,name:f,size:`small`,shape:e.kind===`GROUP`?`group`:`person`}),q(`span`,{class:`talk-names`,children:[q(`h1`,{class:`bar-title`,children:f}),q(`span`,{class:`talk-status`,children:Wc(e)})]})]}),q(so,{icon:`search`,label:`Search in this conversation`,href:t===`search`?K.conversation(r):K.searchIn(r)}),q(so,{icon:`info`,label:`About this conversation`,href:t===`about`?K.conversation(r):K.about(r)})]}),q(kc,{conversation:e,actions:h,messageId:n},r),v&&!o&&q(`div`,{class:`talk-problem`,children:[q(Z,{children:v}),q(oo,{icon:`close`,label:`Close`,onClick:d})]}),p?q(`p`,{class:`composer-gone`,children:`This account is gone. What was said stays.`}):q(Fs,{conversation:e,writing:i,onWriting:a,onEditLast:_},r)]}),t===`about`&&q(_s,{of:e}),t===`search`&&q(Bc,{id:r}),o&&q(Zo,{title:`Delete this message?`,action:`Delete`,isBusy:c,onClose:()=>s(null),onConfirm:()=>void g(),children:[q(`p`,{class:`dialog-quote`,children:o.text??`Attachment`}),q(`p`,{children:`It goes for everybody. Only its place stays.`}),v&&q(Z,{children:v})]}),q(Kc,{of:e})]})}function Kc({of:e}){let[t]=A(e.lastMessage?.seq??0),n=e.lastMessage;return q(`div`,{class:`hidden`,"aria-live":`polite`,children:n&&n.seq>t&&n.author&&n.author.id!==G.value&&!n.deletedAt&&n.author?`${W(n.author)}: ${n.text??`Attachment`}`:``})}function qc(){let[e,t]=A(``),[n,r]=A(``),[i,a]=A(!1),[o,s]=A([]),[c,l]=A(``),{people:u}=ss(c),{isBusy:d,errors:f,run:p}=Q(),m=()=>void p(async()=>{let t={name:e.trim(),description:n.trim()||null,visibility:i?`PUBLIC`:`PRIVATE`,memberIds:o.map(({id:e})=>e)},{createGroup:r}=await V.request(ei,{input:t});return r?.conversation&&(Wi(r.conversation),Ua(K.conversation(r.conversation.id),`replace`)),r?.errors}),h=$(f,`name`,`description`),g=u?.filter(({id:e})=>!o.some(t=>t.id===e));return q(Uo,{title:`New group`,back:K.new,children:q(`form`,{class:`form`,onSubmit:po(m),children:[q(X,{label:`Name`,value:e,onValue:t,error:f.name,autoFocus:!0,maxLength:200}),q(co,{label:`What it is about`,value:n,onValue:r,error:f.description,rows:2}),q(bs,{isPublic:i,onChoice:a}),q(X,{label:`Who is in it`,hint:`You can add people later, too.`,placeholder:`Their username or name`,type:`search`,value:c,onValue:l,autoComplete:`off`,autoCapitalize:`none`}),g&&c&&q(`ul`,{class:`lines`,"aria-label":`People`,children:[g.map(e=>q(`li`,{children:q(`button`,{type:`button`,class:`line`,onClick:()=>{s([...o,e]),l(``)},children:q(cs,{of:e})})},e.id)),g.length===0&&q(`li`,{class:`find-none`,children:`Nobody else goes by that.`})]}),o.length>0&&q(`ul`,{class:`chosen`,"aria-label":`Chosen`,children:o.map(e=>q(`li`,{children:[q(`span`,{children:e.displayName}),q(oo,{icon:`close`,label:`Without ${e.displayName}`,onClick:()=>s(o.filter(({id:t})=>t!==e.id))})]},e.id))}),h&&q(Z,{children:h}),q(`div`,{class:`form-actions`,children:q(Y,{look:`act`,type:`submit`,isBusy:d,disabled:!e.trim(),children:`Make the group`})})]})})}var Jc=30,Yc=250;function Xc(){let[e,t]=A(``),[n,r]=A(null),[i,a]=A(null),{isBusy:o,errors:s,run:c}=Q(),l=async(e,t,n)=>{let i={matching:e.trim()||null,first:Jc,after:t},{publicConversations:o}=await V.request(Qr,i,n?{signal:n}:{});n?.aborted||(r(e=>[...t?e??[]:[],...o?.nodes??[]]),a(o?.pageInfo.hasNextPage?o.pageInfo.endCursor:null))};j(()=>{let t=new AbortController,r=setTimeout(()=>void c(()=>l(e,null,t.signal),t.signal),n?Yc:0);return()=>{clearTimeout(r),t.abort()}},[e]);let u=$(s);return q(Uo,{title:`Rooms`,actions:q(`a`,{class:`button button-plain`,href:K.group,children:[q(J,{name:`plus`}),` New`]}),children:[q(X,{label:`Find a room`,placeholder:`A part of its name`,type:`search`,value:e,onValue:t,autoComplete:`off`}),u&&q(Z,{children:u}),n?.length===0&&q(`p`,{class:`none`,children:e.trim()?`No room is called “${e.trim()}”.`:`There is no public room yet. Make the first one.`}),q(`ul`,{class:`lines rooms`,"aria-label":`Public rooms`,children:n?.map(({id:e,title:t,description:n,memberCount:r,onlineMemberCount:i,viewerMembership:a})=>q(`li`,{children:q(`a`,{class:`line`,href:K.conversation(e),children:[q(To,{id:e,name:t,shape:`group`}),q(`span`,{class:`line-words`,children:[q(`span`,{class:`line-title`,children:t}),n&&q(`span`,{class:`line-sub`,children:n}),q(`span`,{class:`line-sub`,children:[r,` `,r===1?`person`:`people`,` · `,i,` online`]})]}),a?.state===`JOINED`?q(`span`,{class:`tag`,children:`Joined`}):q(`span`,{class:`tag tag-act`,children:`Look in`})]})},e))}),i&&q(Y,{isBusy:o,onClick:()=>void c(()=>l(e,i)),children:`More`})]})}function Zc(){let[e,t]=A(null),{errors:n,run:r}=Q(),i=()=>r(async()=>{let{viewer:e}=await V.request(Vr,{});e&&wi(e.user),t(e)});j(()=>void i(),[]);let a=$(n);return q(Uo,{title:`You`,children:[a&&q(Z,{children:a}),e&&q(x,{children:[q(Qc,{of:e,onSaved:()=>void i()}),e.user.username&&q(`section`,{class:`part`,children:[q(`h2`,{children:`Your link`}),q(`p`,{children:`Whoever opens it lands in a conversation with you.`}),q(us,{address:Wa(K.with(e.user.username)),label:`Your link`})]}),q(el,{}),q(tl,{of:e,onChanged:()=>void i()}),q(nl,{}),q(rl,{})]})]})}function Qc({of:e,onSaved:t}){let{user:n}=e,[r,i]=A(n.displayName===n.username?``:n.displayName),[a,o]=A(n.username??``),[s,c]=A(n.about??``),[l,u]=A(!1),{isBusy:d,errors:f,run:p}=Q(),m=async()=>{u(!1);let e={displayName:r.trim()||null,username:a.trim()||null,about:s.trim()||null},n=await p(async()=>{let{updateProfile:t}=await V.request(Hr,{input:e});return t?.viewer&&wi(t.viewer.user),t?.errors});u(n),n&&t()},h=$(f,`displayName`,`username`,`about`);return q(`section`,{class:`part`,children:[q(`h2`,{class:`hidden`,children:`Profile`}),q(`div`,{class:`you-face`,children:[q(To,{id:n.id,name:n.displayName,size:`large`}),q(`p`,{children:[q(`strong`,{children:n.displayName}),q(`span`,{children:[n.username&&`@${n.username}`,e.email,e.mobileNumber].filter(Boolean).join(` · `)})]})]}),q(`form`,{class:`form`,onSubmit:po(()=>void m()),children:[q(X,{label:`Name`,hint:`What others see in place of your username.`,value:r,onValue:i,error:f.displayName,autoComplete:`name`}),q(X,{label:`Username`,value:a,onValue:o,error:f.username,autoComplete:`username`,autoCapitalize:`none`,spellcheck:!1}),q(co,{label:`About you`,value:s,onValue:c,error:f.about,rows:2}),h&&q(Z,{children:h}),q(`div`,{class:`form-actions`,children:[q(`span`,{role:`status`,children:l?`Saved.`:``}),q(Y,{look:`act`,type:`submit`,isBusy:d,children:`Save`})]})]})]})}var $c=[[`system`,`As the system`],[`light`,`Light`],[`dark`,`Dark`]],el=()=>q(`section`,{class:`part`,children:[q(`h2`,{children:`Look`}),q(`div`,{class:`segments`,role:`group`,"aria-label":`Look`,children:$c.map(([e,t])=>q(`button`,{type:`button`,"aria-pressed":Rr.value===e,onClick:()=>Br(e),children:t},e))})]});function tl({of:e,onChanged:t}){let{isBusy:n,errors:r,run:i}=Q(),a=async e=>{await i(async()=>(await V.request(Wr,{id:e})).endSession?.errors)&&t()},o=()=>void V.signOut().catch(()=>{}),s=$(r);return q(`section`,{class:`part`,children:[q(`h2`,{children:`Where you are signed in`}),s&&q(Z,{children:s}),q(`ul`,{class:`lines`,"aria-label":`Sessions`,children:e.sessions.map(({id:e,deviceName:t,createdAt:r,lastUsedAt:i,isCurrent:s})=>q(`li`,{class:`line`,children:[q(`span`,{class:`line-words`,children:[q(`span`,{class:`line-title`,children:[t??`A device without a name`,s&&q(`span`,{class:`line-where`,children:` this one`})]}),q(`span`,{class:`line-sub`,children:[`Since `,zo(r),` · used `,Ho(i)]})]}),s?q(Y,{onClick:o,children:[q(J,{name:`out`}),` Sign out`]}):q(Y,{isBusy:n,onClick:()=>void a(e),children:`End`})]},e))})]})}function nl(){let[e,t]=A(``),[n,r]=A(``),[i,a]=A(!1),{isBusy:o,errors:s,run:c}=Q(),l=async()=>{a(!1),await c(async()=>{let{changePassword:t}=await V.request(Ur,{input:{currentPassword:e,newPassword:n}});return t?.errors})&&(a(!0),t(``),r(``))},u=$(s,`currentPassword`,`newPassword`);return q(`section`,{class:`part`,children:[q(`h2`,{children:`Password`}),q(`form`,{class:`form`,onSubmit:po(()=>void l()),children:[q(X,{label:`Current password`,type:`password`,value:e,onValue:t,error:s.currentPassword,autoComplete:`current-password`}),q(X,{label:`New password`,hint:`Your other devices are signed out.`,type:`password`,value:n,onValue:r,error:s.newPassword,autoComplete:`new-password`}),u&&q(Z,{children:u}),q(`div`,{class:`form-actions`,children:[q(`span`,{role:`status`,children:i?`Changed.`:``}),q(Y,{type:`submit`,isBusy:o,disabled:!e||!n,children:`Change password`})]})]})]})}function rl(){let[e,t]=A(!1),[n,r]=A(``),{isBusy:i,errors:a,run:o}=Q(),s=()=>void o(async()=>{let{deleteAccount:e}=await V.request(Gr,{input:{password:n}});return e&&e.errors.length===0&&await V.signOut().catch(()=>{}),e?.errors}),c=$(a,`password`);return q(`section`,{class:`part`,children:[q(`h2`,{children:`Leave for good`}),q(`p`,{children:`Your account goes at once, and cannot be had back. What you have said stays, under “Deleted User”.`}),q(Y,{look:`alert`,onClick:()=>t(!0),children:`Delete my account`}),e&&q(Xo,{title:`Delete your account?`,onClose:()=>t(!1),children:q(`form`,{class:`form`,onSubmit:po(s),children:[q(X,{label:`Your password`,type:`password`,value:n,onValue:r,error:a.password,autoComplete:`current-password`}),c&&q(Z,{children:c}),q(`div`,{class:`dialog-actions`,children:[q(Y,{onClick:()=>t(!1),children:`Cancel`}),q(Y,{look:`alert`,type:`submit`,isBusy:i,children:`Delete for good`})]})]})})]})}function il(){let e=Va.value.at,t=[{at:`start`,href:K.start,icon:`chats`,label:`Chats`,count:Vi.value},{at:`rooms`,href:K.rooms,icon:`rooms`,label:`Rooms`},{at:`search`,href:K.search,icon:`search`,label:`Search`},{at:`bell`,href:K.bell,icon:`bell`,label:`Notifications`,count:ka.value},{at:`you`,href:K.you,icon:`you`,label:`You`}];return q(`nav`,{class:`rail`,"aria-label":`Main`,children:[q(`a`,{class:`rail-brand`,href:K.start,"aria-label":`natterjack`,children:q(ao,{})}),t.map(({at:t,href:n,icon:r,label:i,count:a=0})=>q(`a`,{class:`rail-item`,href:n,"aria-current":e===t||t===`start`&&(e===`conversation`||e===`new`||e===`group`)?`page`:void 0,children:[q(J,{name:r}),q(`span`,{class:`rail-label`,children:i}),a>0&&q(`span`,{class:`badge`,children:[xo(a),q(`span`,{class:`hidden`,children:` new`})]})]},t))]})}var al={new:`New conversation`,group:`New group`,rooms:`Rooms`,search:`Search`,bell:`Notifications`,you:`You`};function ol(){let{value:e}=Va;switch(e.at){case`conversation`:return q(Vc,{id:e.id,panel:e.panel,messageId:e.messageId},e.id);case`with`:return q(fs,{username:e.username},e.username);case`new`:return q(Uo,{title:`New conversation`,back:K.start,children:[q(ls,{autoFocus:!0}),q(`a`,{class:`button button-plain`,href:K.group,children:[q(J,{name:`people`}),` Make a group instead`]})]});case`group`:return q(qc,{});case`rooms`:return q(Xc,{});case`search`:return q(zc,{});case`bell`:return q(qo,{});case`you`:return q(Zc,{});case`start`:return q(ds,{isFirst:Bi.value.length===0})}}function sl(){let e=Va.value,t=Ga.value===`ready`&&Bi.value.length===0;return j(()=>{let t=al[e.at],n=Vi.value;e.at!==`conversation`&&(document.title=`${n>0?`(${xo(n)}) `:``}${t?`${t} · `:``}natterjack`)}),q(`div`,{class:`shell`,"data-view":e.at===`start`&&!t?`list`:e.at===`conversation`||e.at===`with`?`talk`:`screen`,children:[q(`a`,{class:`skip`,href:`#main`,onClick:e=>(e.preventDefault(),document.getElementById(`main`)?.focus()),children:`Skip to what is open`}),q(il,{}),q(as,{}),q(`main`,{id:`main`,class:`main`,tabIndex:-1,children:[q(Yo,{}),q(ol,{})]})]})}function cl(){return j(()=>{let e=eo();return()=>{e(),to()}},[]),q(sl,{})}zr(),ge(q(()=>Sr.value?q(cl,{},Sr.value.viewerId):q(_o,{}),{}),document.getElementById(`app`)),`serviceWorker`in navigator&&navigator.serviceWorker.register(new URL(`sw.js`,document.baseURI)).catch(()=>{});