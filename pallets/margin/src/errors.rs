//! Why the pallet refuses, and what others' errors are called here.

use crate::{account::AccountError, Error};
use plimsoll_risk::RiskError;

/// Part of the pallet's module.
#[frame_support::pallet_macros::pallet_section]
mod errors {
	#[pallet::error]
	#[derive(PartialEq, Eq)]
	pub enum Error<T> {
		/// There is no such sub-account.
		AccountNotFound,
		/// The amount is zero.
		ZeroAmount,
		/// The chain does not know the asset.
		UnknownAsset,
		/// No collateral asset of this number is listed.
		UnknownCollateral,
		/// The asset's minimum balance has not been seeded yet.
		NotSeeded,
		/// The caller has less of the asset.
		InsufficientBalance,
		/// Less arrived than was sent.
		AmountDidNotArrive,
		/// All accounts together would hold more of the collateral than its cap.
		DepositCapExceeded,
		/// The account would hold less of the collateral than its minimum, but not nothing.
		BelowMinimumCollateral,
		/// The account would hold nothing but less cash than the minimum.
		BelowMinimumCash,
		/// The account holds less of the collateral.
		InsufficientCollateral,
		/// The account holds less cash: collateral is not bought on credit.
		InsufficientCash,
		/// The pallet does not hold that much of the asset now.
		InsufficientLiquidity,
		/// The owner's balance of the asset would be below the asset's minimum.
		BelowRecipientMinimum,
		/// The owner cannot receive the asset.
		RecipientCannotReceive,
		/// Equity would be below initial margin, and the change does not reduce risk.
		InitialMarginNotMet,
		/// The account has no room for another collateral asset.
		TooManyCollaterals,
		/// The account has no room for another position.
		TooManyPositions,
		/// There are no fills.
		NoFills,
		/// There are more fills than are cleared at once.
		TooManyFills,
		/// The size is zero.
		ZeroSize,
		/// Both sides are the same account.
		SameAccount,
		/// The instrument is not listed.
		UnknownInstrument,
		/// The instrument has expired.
		InstrumentExpired,
		/// Positions in the instrument may only be closed.
		CloseOnly,
		/// This is a delegate of the account already.
		AlreadyDelegate,
		/// This is not a delegate of the account.
		NotDelegate,
		/// The account has no room for another delegate.
		TooManyDelegates,
		/// The owner may trade anyway.
		OwnerNeedsNoDelegation,
		/// The risk model leaves risk unmargined or cannot be computed: for this reason.
		InvalidRiskModel(RefusedModel),
		/// No risk model is set.
		NoRiskModel,
		/// Chain time is not known yet.
		TimeNotSet,
		/// An underlying has no price.
		NoPrice,
		/// An underlying's price is not current.
		StalePrice,
		/// An expiry has no forward price.
		NoForward,
		/// An expiry has no volatility surface.
		NoSurface,
		/// The settlement asset has no current price.
		NoSettlementAssetPrice,
		/// The risk model does not know an underlying.
		NotInRiskModel,
		/// A price, strike, volatility or time lies outside what can be valued.
		OutOfDomain,
		/// An amount does not fit.
		Overflow,
		/// The account has no position in the instrument.
		PositionNotFound,
		/// The account still has positions.
		HasPositions,
		/// The account still has collateral.
		HasCollateral,
		/// The slice is nothing.
		EmptySlice,
		/// The insurance fund has less.
		InsuranceFundExhausted,
		/// The loss is as large as all positive cash.
		LossExceedsCash,
		/// The risk model leaves out an underlying that the one in force has.
		UnderlyingLeftOut,
		/// No risk model, or joint risk, is to come into force.
		NothingScheduled,
		/// The joint risk cannot be used: for this reason.
		InvalidJointRisk(RefusedJointRisk),
		/// The account has no room for orders in another instrument.
		TooManyOrderInstruments,
		/// The account has orders open: what it would leave behind could fill.
		HasOpenOrders,
		/// A side would be charged more than fees may be.
		FeeTooHigh,
		/// The fee pot has less.
		InsufficientFees,
		/// A tier of fees begins at no higher volume than the one before.
		FeeTiersOutOfOrder,
		/// A tier of fees costs more than the one before.
		FeeTierDearer,
		/// Nothing is kept of what the owner traded.
		NoVolume,
		/// What the owner traded still counts.
		VolumeCounts,
		/// The collateral is the settlement asset itself.
		NothingToExchange,
		/// The venue took nothing, gave nothing, or moved what it was not to.
		VenueFailed,
		/// Trading in the instrument is halted: only what closes for both sides passes. Or the whole chain,
		/// or the collateral's underlying, is: it is not traded.
		TradingHalted,
		/// Trading is halted on the whole chain, and withdrawals with it.
		WithdrawalsHalted,
		/// The interest parameters cannot be used: for this reason.
		InvalidInterestParameters(RefusedInterest),
		/// Less is set aside than is to be taken, or the order is another.
		NotSetAside,
		/// Something is set aside for the account's orders.
		HasSetAside,
		/// More of all cash would be lent out than may be.
		LendingCapExceeded,
	}
}

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
