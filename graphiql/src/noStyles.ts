// In place of react-style-singleton, by which Radix's dialogs and menus keep the page behind them from scrolling: in a style
// element, which the content security policy does not allow. This page never scrolls.

/** A component that shows nothing. */
export const styleSingleton = () => () => null
