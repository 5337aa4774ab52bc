//! What the pallet tells.

/// Part of the pallet's module.
#[frame_support::pallet_macros::pallet_section]
mod event {
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An asset arrived in a sub-account: `amount` in its own units.
		Deposited { account: SubAccountIdOf<T>, asset: AccountAsset, amount: Balance },
		/// An asset was paid out to a sub-account's owner.
		Withdrawn { account: SubAccountIdOf<T>, asset: AccountAsset, amount: Balance },
		/// Nothing is left in a sub-account; it is gone.
		AccountClosed { account: SubAccountIdOf<T> },
		/// Since a sub-account was last touched, `amount` of interest and shared losses together was
		/// added to its cash, or taken from it (negative); what is left counts from the index of now. Told
		/// with an amount of zero, too, where the index has moved and the amount was rounded away.
		CashAccrued { account: SubAccountIdOf<T>, amount: Amount },
		/// Interest has accrued: from now on positive cash is multiplied with `cash_index`, negative cash
		/// with `debt_index`.
		InterestAccrued { cash_index: FixedU128, debt_index: FixedU128 },
		/// Other interest holds.
		InterestParametersSet { parameters: InterestParameters },
		/// A delegate may trade for a sub-account.
		DelegateAdded { account: SubAccountIdOf<T>, delegate: T::AccountId },
		/// A delegate may not trade for a sub-account any more.
		DelegateRemoved { account: SubAccountIdOf<T>, delegate: T::AccountId },
		/// A sub-account bought `change` contracts (negative: sold) and has `size` now. Its cash
		/// changed by the premium, or by the profit and loss of what was closed.
		PositionChanged {
			account: SubAccountIdOf<T>,
			instrument: Instrument,
			change: Contracts,
			size: Contracts,
			price: Price,
			cash_change: Amount,
		},
		/// A position in a perpetual got `amount` settlement units of funding (negative: paid), up to the
		/// funding index `index`.
		FundingPaid {
			account: SubAccountIdOf<T>,
			instrument: Instrument,
			amount: Amount,
			index: UsdValue,
		},
		/// An expired position of `size` contracts was settled in cash at `price`.
		Settled {
			account: SubAccountIdOf<T>,
			instrument: Instrument,
			size: Contracts,
			price: Price,
			cash_change: Amount,
		},
		/// A holder could not be settled and waits.
		SettlementFailed {
			account: SubAccountIdOf<T>,
			instrument: Instrument,
			error: DispatchError,
		},
		/// The last holder of an expired instrument was settled; `dust` settlement units of rounding
		/// went to the insurance fund.
		SettlementFinished { instrument: Instrument, dust: Amount },
		/// Somebody gave to the insurance fund.
		InsuranceContributed { who: T::AccountId, amount: Balance },
		/// A liquidation fee went to the insurance fund.
		FeeCharged { account: SubAccountIdOf<T>, amount: Balance },
		/// A side of a trade in the order book paid its fee, settlement units.
		TradingFeeCharged { account: SubAccountIdOf<T>, fee: Balance },
		/// Other fees hold.
		FeesSet { fees: Fees },
		/// An owner has not traded for so long that nothing is kept of it any more.
		VolumeForgotten { owner: T::AccountId },
		/// A sub-account bought (or sold) `amount` of a collateral asset for `cash` settlement units.
		CollateralExchanged {
			account: SubAccountIdOf<T>,
			collateral: CollateralId,
			side: OrderSide,
			amount: Balance,
			cash: Balance,
		},
		/// `amount` of an asset was set aside for an order in collateral that rests.
		SetAside { account: SubAccountIdOf<T>, asset: AccountAsset, amount: Balance },
		/// What was set aside for an order came back to a sub-account.
		Released { account: SubAccountIdOf<T>, asset: AccountAsset, amount: Balance },
		/// A sub-account whose order rested bought `amount` of a collateral asset for `cash` and `fee`
		/// settlement units that were set aside, or sold what was set aside of it for `cash` less `fee`.
		SetAsideExchanged {
			account: SubAccountIdOf<T>,
			collateral: CollateralId,
			side: OrderSide,
			amount: Balance,
			cash: Balance,
			fee: Balance,
		},
		/// Fees were paid out of the fee pot.
		FeesWithdrawn { to: T::AccountId, amount: Balance },
		/// The insurance fund bought collateral of an account in debt for `price` settlement units.
		CollateralBought {
			account: SubAccountIdOf<T>,
			collateral: CollateralId,
			amount: Balance,
			price: Balance,
		},
		/// What an emptied account owed was paid by the insurance fund and, beyond that, shared.
		DeficitAbsorbed { account: SubAccountIdOf<T>, paid: Balance, shared: Balance },
		/// A loss was shared among all positive cash, which is multiplied with `index` from now on.
		LossShared { amount: Balance, index: FixedU128 },
		/// With a slice, `size` contracts (negative: short ones) passed at `entry_value`, what was paid for
		/// them in settlement units. Where `to` had some the other way round, those are closed at that
		/// value, which changed its cash.
		PositionTransferred {
			from: SubAccountIdOf<T>,
			to: SubAccountIdOf<T>,
			instrument: Instrument,
			size: Contracts,
			entry_value: Amount,
			cash_change: Amount,
		},
		/// A part of everything an account had passed to another: this cash (negative: a debt), these
		/// collateral assets and what [`Event::PositionTransferred`] told, for `price` settlement units;
		/// where that is negative, the insurance fund paid.
		SliceTransferred {
			from: SubAccountIdOf<T>,
			to: SubAccountIdOf<T>,
			part: Perquintill,
			price: Amount,
			cash: Amount,
			collateral: BoundedVec<(CollateralId, Balance), T::MaxCollaterals>,
		},
		/// Somebody added to an asset's seed.
		Seeded { who: T::AccountId, asset: T::AssetId, amount: Balance },
		/// Another risk model is in force.
		RiskModelChanged,
		/// Another risk model comes into force in block `at`.
		RiskModelScheduled { at: BlockNumberFor<T> },
		/// The risk model that was to come into force does not.
		RiskModelCancelled,
		/// The ranges of the risk model took a step towards those of the last one; the next one comes at
		/// `next`.
		RiskModelStepped { next: Moment },
		/// All of the last risk model is in force.
		RiskModelReached,
		/// Another joint risk is in force.
		JointRiskChanged,
		/// Another joint risk comes into force in block `at`.
		JointRiskScheduled { at: BlockNumberFor<T> },
		/// The joint risk that was to come into force does not.
		JointRiskCancelled,
		/// A step's returns were added to the covariance, and the joint scenarios are new.
		CovarianceLearnt,
		/// A step's returns could not be added to the covariance; margins keep the scenarios they had.
		CovarianceNotLearnt { reason: CovarianceError },
	}
}
