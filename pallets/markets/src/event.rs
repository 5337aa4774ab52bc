//! What the pallet tells.

/// Part of the pallet's module.
#[frame_support::pallet_macros::pallet_section]
mod event {
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An underlying was registered.
		UnderlyingRegistered { underlying: UnderlyingId, terms: UnderlyingTerms },
		/// A registered underlying has new terms.
		UnderlyingUpdated { underlying: UnderlyingId, terms: UnderlyingTerms },
		/// An asset became collateral.
		CollateralRegistered { collateral: CollateralId, terms: CollateralTerms<T::AssetId> },
		/// A collateral asset has new terms.
		CollateralUpdated { collateral: CollateralId, terms: CollateralTerms<T::AssetId> },
		/// An instrument can be traded.
		Listed { instrument: Instrument, terms: ListingTerms },
		/// An instrument has a new cap on its open interest.
		OpenInterestCapSet { instrument: Instrument, cap: Contracts },
		/// Positions in an instrument may only be closed from now on, or may be opened again.
		CloseOnlySet { instrument: Instrument, close_only: bool },
		/// An instrument that nobody held is no longer listed.
		Delisted { instrument: Instrument },
		/// An expiry is due, and there is no average to settle it at. It is asked for again in
		/// each block.
		SettlementPriceMissing { underlying: UnderlyingId, expiry: Moment, reason: PriceError },
		/// The price at which an expiry settles is fixed.
		SettlementPriceFixed {
			underlying: UnderlyingId,
			expiry: Moment,
			price: Price,
			source: PriceSource,
		},
		/// None of an expired instrument's holders that are left could be settled. They are tried
		/// again in block `retry_at`.
		SettlementDelayed { instrument: Instrument, retry_at: BlockNumberFor<T> },
		/// All holders of an expired instrument are settled; it is no longer listed.
		Settled { instrument: Instrument },
		/// The perpetual of an underlying is funded and marked by other parameters from now on.
		FundingSet { underlying: UnderlyingId, params: FundingParams },
		/// Trading has halted: no order matches or comes to rest, and what is agreed on must close.
		TradingHalted { scope: HaltScope, reason: HaltReason },
		/// A halt is lifted. Another that reaches as far still stands.
		TradingResumed { scope: HaltScope },
		/// How far from its mark an instrument fills was set; none: as such contracts do.
		PriceBandSet { instrument: Instrument, band: Option<Permill> },
		/// An expiry has no contracts left.
		ExpiryClosed { underlying: UnderlyingId, expiry: Moment },
		/// An underlying's contracts are listed by this rule from now on, or by none.
		ListingRuleSet { underlying: UnderlyingId, rule: Option<ListingRule> },
		/// A contract that should stand by rule cannot be listed. Told once of an expiry, until it
		/// has all that it should have.
		ListingRefused { instrument: Instrument, error: DispatchError },
	}
}
