//! What the pallet tells.

/// Part of the pallet's module.
#[frame_support::pallet_macros::pallet_section]
mod event {
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A pair is traded on these terms from now on.
		PairSet {
			/// The collateral asset.
			collateral: CollateralId,
			/// Its terms.
			terms: PairTerms,
		},
		/// A pair is not traded any more.
		PairRemoved {
			/// The collateral asset.
			collateral: CollateralId,
		},
		/// An account bought (or sold) `amount` of a collateral asset for `cash` settlement units, all
		/// fees included.
		Swapped {
			/// Whose swap it was.
			account: SubAccountId<T::AccountId>,
			/// The collateral asset.
			collateral: CollateralId,
			/// Whether it was bought or sold.
			side: OrderSide,
			/// How much of it, in its own units.
			amount: Balance,
			/// What that cost or brought, settlement units.
			cash: Balance,
			/// How much of both came from where.
			slices: Vec<SwapSlice>,
		},
		/// A swap took a quote that it brought.
		QuoteTaken {
			/// Whose quote it was.
			maker: SubAccountId<T::AccountId>,
			/// Whose swap.
			taker: SubAccountId<T::AccountId>,
			/// The quote's number.
			nonce: u64,
			/// What changed hands.
			collateral: CollateralId,
			/// What the taker did.
			side: OrderSide,
			/// How much changed hands, in its own units.
			amount: Balance,
			/// At what price.
			price: Price,
			/// What that comes to, settlement units, before fees.
			cash: Balance,
			/// What the taker was charged, settlement units.
			taker_fee: Balance,
			/// What the maker was charged, settlement units.
			maker_fee: Balance,
		},
		/// A swap could not take a quote that it brought, and went on without it.
		QuotePassedOver {
			/// Whose quote it is.
			maker: SubAccountId<T::AccountId>,
			/// The quote's number.
			nonce: u64,
			/// Why.
			error: DispatchError,
		},
		/// An order came in. What of it neither fills nor is cancelled rests. A swap's part of the book is
		/// one, too.
		OrderPlaced {
			/// Its number.
			order: OrderId,
			/// Whose it is.
			account: SubAccountId<T::AccountId>,
			/// What was asked for.
			terms: OrderTerms,
		},
		/// Two orders filled.
		OrderFilled {
			/// The order that came in.
			taker_order: OrderId,
			/// The order that rested.
			maker_order: OrderId,
			/// Whose order came in.
			taker: SubAccountId<T::AccountId>,
			/// Whose order rested.
			maker: SubAccountId<T::AccountId>,
			/// What changed hands.
			collateral: CollateralId,
			/// What the taker did.
			side: OrderSide,
			/// How much changed hands, in its own units.
			amount: Balance,
			/// At what price: the resting order's.
			price: Price,
			/// What that comes to, settlement units, before fees.
			cash: Balance,
			/// What the taker was charged, settlement units.
			taker_fee: Balance,
			/// What the maker was charged, settlement units.
			maker_fee: Balance,
		},
		/// An order, or what was left of one, was cancelled. What was set aside for it is the account's again.
		OrderCancelled {
			/// Its number.
			order: OrderId,
			/// Whose it was.
			account: SubAccountId<T::AccountId>,
			/// What it would have traded.
			collateral: CollateralId,
			/// How much, in its own units.
			amount: Balance,
			/// Why.
			cause: CancelCause,
		},
		/// An operation of a batch failed and was undone.
		OperationFailed {
			/// Its place in the batch, from 0.
			index: u32,
			/// Why.
			error: DispatchError,
		},
	}
}
