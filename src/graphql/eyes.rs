//! In whose eyes an object is shown: a viewer's, or those of all together who hear of the same event.

use crate::chat::Viewer;
use crate::domain::ids::UserId;
use crate::error::Error;

/// Whom an object is shown to. What depends on that can be had by asking here alone, so that what is shown to many at
/// once cannot hold what is for one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Eyes {
    /// This viewer's.
    Of(Viewer),
    /// Everybody's who hears of an event, but perhaps for one, who is shown it apart.
    Anybody {
        /// That one.
        but: Option<UserId>,
    },
}

impl Eyes {
    /// The one who looks. `INTERNAL` where that is nobody in particular: then a field has been stated to be the same for
    /// all that is not.
    pub fn viewer(&self) -> Result<&Viewer, Error> {
        match self {
            Self::Of(viewer) => Ok(viewer),
            Self::Anybody { .. } => Err(Error::internal("a field that is stated to be for all asks who looks")),
        }
    }

    /// Whether it is that person who looks. `INTERNAL` where that cannot be told.
    pub fn are_of(&self, user: UserId) -> Result<bool, Error> {
        match self {
            Self::Anybody { but: Some(apart) } if *apart == user => Ok(false),
            eyes => Ok(eyes.viewer()?.user == user),
        }
    }
}

impl From<&Viewer> for Eyes {
    fn from(viewer: &Viewer) -> Self {
        Self::Of(*viewer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::Timestamp;
    use uuid::Uuid;

    #[test]
    fn who_looks_is_told_of_one_alone() {
        let [ada, bob] = [1, 2].map(|id| UserId::from(Uuid::from_u128(id)));
        let viewer = Viewer { user: ada, session: None, expires_at: Timestamp::from_unix_millis(0).unwrap() };
        let eyes = Eyes::from(&viewer);
        assert_eq!(eyes.viewer().unwrap(), &viewer);
        assert_eq!([ada, bob].map(|user| eyes.are_of(user).unwrap()), [true, false]);
        for (eyes, is_ada) in [(Eyes::Anybody { but: None }, None), (Eyes::Anybody { but: Some(ada) }, Some(false))] {
            assert!(eyes.viewer().is_err() && eyes.are_of(bob).is_err());
            assert_eq!(eyes.are_of(ada).ok(), is_ada);
        }
    }
}
