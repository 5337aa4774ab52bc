//! What others' errors are called here.

use crate::{account::AccountError, Error};
use plimsoll_risk::RiskError;

impl<T> From<RiskError> for Error<T> {
	fn from(error: RiskError) -> Self {
		match error {
			RiskError::NoPrice(_) => Self::NoPrice,
			RiskError::StalePrice(_) => Self::StalePrice,
			RiskError::NoForward { .. } => Self::NoForward,
			RiskError::NoSurface { .. } => Self::NoSurface,
			RiskError::NotInModel(_) => Self::NotInRiskModel,
			RiskError::OutOfDomain => Self::OutOfDomain,
			RiskError::Overflow => Self::Overflow,
		}
	}
}

impl<T> From<AccountError> for Error<T> {
	fn from(error: AccountError) -> Self {
		match error {
			AccountError::Overflow => Self::Overflow,
			AccountError::TooManyCollaterals => Self::TooManyCollaterals,
			AccountError::TooManyPositions => Self::TooManyPositions,
			AccountError::InsufficientCollateral => Self::InsufficientCollateral,
		}
	}
}
