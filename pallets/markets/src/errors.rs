//! Why the pallet refuses.

/// Part of the pallet's module.
#[frame_support::pallet_macros::pallet_section]
mod errors {
	#[pallet::error]
	pub enum Error<T> {
		/// No underlying of this number is registered.
		UnknownUnderlying,
		/// No new contracts may be listed on this underlying.
		UnderlyingInactive,
		/// There are as many underlyings as there may be.
		TooManyUnderlyings,
		/// An underlying needs a name.
		EmptyName,
		/// An underlying needs a ticker.
		EmptyTicker,
		/// The step of strikes is zero.
		ZeroStrikeStep,
		/// Not even one step of strikes is within the highest strike.
		HighestStrikeTooLow,
		/// The settlement asset counts as cash, never as collateral.
		SettlementAssetAsCollateral,
		/// The asset is collateral under another number.
		AlreadyCollateral,
		/// A collateral's asset never changes.
		CollateralAssetFixed,
		/// A collateral's decimals never change.
		CollateralDecimalsFixed,
		/// An asset may have 18 decimals at most.
		TooManyDecimals,
		/// More than the whole would be cut.
		HaircutTooHigh,
		/// Without a minimum, dust would be held.
		ZeroMinimum,
		/// Not even the minimum could be deposited.
		DepositCapBelowMinimum,
		/// An amount of this size cannot be valued.
		DepositCapTooHigh,
		/// The instrument is not listed.
		UnknownInstrument,
		/// The instrument is listed already.
		AlreadyListed,
		/// There is no chain time before the first block's timestamp.
		ClockNotStarted,
		/// The expiry is not in the future.
		ExpiryPassed,
		/// The expiry is further ahead than may be listed.
		ExpiryTooFar,
		/// The strike is zero.
		ZeroStrike,
		/// The strike is not a multiple of the underlying's step.
		StrikeOffStep,
		/// The strike is above the underlying's highest.
		StrikeTooHigh,
		/// The tick is zero.
		ZeroTick,
		/// The lot is zero or negative.
		LotNotPositive,
		/// The cap on open interest is negative.
		OpenInterestCapNegative,
		/// One lot at one tick is not a whole number of 10^-18 USD, or too much.
		TickTimesLotInexact,
		/// The underlying has as many expiries as it may have.
		TooManyExpiries,
		/// The expiry has as many contracts as it may have.
		TooManyInstruments,
		/// The oracle has no feed for the underlying.
		NoPriceFeed,
		/// The oracle can't keep the average for one more expiry.
		SettlementWindowRefused,
		/// Somebody holds the instrument.
		StillHeld,
		/// Nothing is listed for this expiry.
		UnknownExpiry,
		/// The expiry has not come.
		NotExpired,
		/// The settlement price is fixed, and stays.
		SettlementPriceAlreadyFixed,
		/// A settlement price cannot be zero.
		ZeroSettlementPrice,
		/// Open interest would rise above its cap.
		OpenInterestCap,
		/// Open interest would fall below zero.
		OpenInterestNegative,
		/// Open interest would be more than can be counted.
		OpenInterestOverflow,
		/// The cap on funding rates is above the highest that may be set.
		FundingCapTooHigh,
		/// The interest component of funding is beyond its damper, which would cut it.
		FundingInterestBeyondDamper,
		/// The damper of funding is wider than its cap.
		FundingDamperTooWide,
		/// The clamp of premiums is wider than may be set.
		PremiumClampTooWide,
		/// Premiums would be smoothed over too short or too long a time.
		PremiumSmoothingOutOfRange,
		/// Quotes that are worth nothing would count for the premium.
		MinimumQuoteNotPositive,
		/// The clamp of marks is wider than may be set.
		MarkClampTooWide,
		/// The premium of marks would be smoothed over too short or too long a time.
		MarkSmoothingOutOfRange,
		/// The underlying has no listing rule.
		NoListingRule,
		/// No expiry would ever be listed by the rule.
		EmptyListingRule,
		/// Trading is halted there already.
		AlreadyHalted,
		/// Trading is not halted there by itself.
		NotHalted,
	}
}
