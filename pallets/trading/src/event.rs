//! What the pallet tells.

/// Part of the pallet's module.
#[frame_support::pallet_macros::pallet_section]
mod event {
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A quote was taken: all of its legs were traded.
		BlockTraded {
			/// Whose quote it was.
			maker: SubAccountId<T::AccountId>,
			/// Who took it.
			taker: SubAccountId<T::AccountId>,
			/// The quote's nonce, now used.
			nonce: u64,
			/// What was traded, from the taker's side: the taker bought positive sizes.
			legs: BoundedVec<Fill, T::MaxLegs>,
		},
		/// A maker's quotes with nonces below `below_nonce` can no longer be taken.
		QuotesCancelled {
			/// Whose quotes.
			maker: SubAccountId<T::AccountId>,
			/// The lowest nonce that is still good.
			below_nonce: u64,
		},
		/// An order came in. What of it neither fills nor is cancelled rests.
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
			instrument: Instrument,
			/// What the taker did.
			side: OrderSide,
			/// How much changed hands.
			size: Contracts,
			/// At what price: the resting order's.
			price: Price,
			/// What the taker was charged, in settlement units.
			taker_fee: Balance,
			/// What the maker was charged, in settlement units.
			maker_fee: Balance,
		},
		/// An order, or what was left of one, was cancelled.
		OrderCancelled {
			/// Its number.
			order: OrderId,
			/// Whose it was.
			account: SubAccountId<T::AccountId>,
			/// What it would have traded.
			instrument: Instrument,
			/// How much.
			size: Contracts,
			/// Why.
			cause: CancelCause,
		},
		/// An account's orders will be cancelled once nobody has sent a trading call for it for so many
		/// blocks; none: they will not.
		CancelOnSilenceSet {
			/// Whose orders.
			account: SubAccountId<T::AccountId>,
			/// For how many blocks.
			blocks: Option<u32>,
		},
		/// An operation of a batch failed and was undone.
		OperationFailed {
			/// Its place in the batch, from 0.
			index: u32,
			/// Why.
			error: DispatchError,
		},
		/// An account asks for quotes.
		QuoteRequested {
			/// The request's number.
			request: RequestId,
			/// Who asks.
			account: SubAccountId<T::AccountId>,
			/// For what.
			terms: RequestTerms<T>,
		},
		/// A maker has answered a request, in place of the answer that it had given before, if any.
		RequestAnswered {
			/// The request's number.
			request: RequestId,
			/// Who answers.
			maker: SubAccountId<T::AccountId>,
			/// What it offers.
			terms: AnswerTerms<T>,
		},
		/// An answer went while its request stays open.
		AnswerWithdrawn {
			/// The request's number.
			request: RequestId,
			/// Whose answer it was.
			maker: SubAccountId<T::AccountId>,
			/// Why.
			cause: AnswerEnd,
		},
		/// An answer was taken: all legs were traded. The request and its other answers have ended.
		RequestFilled {
			/// The request's number.
			request: RequestId,
			/// Who asked.
			taker: SubAccountId<T::AccountId>,
			/// Whose answer was taken.
			maker: SubAccountId<T::AccountId>,
			/// Whether its ask was taken (`Buy`) or its bid (`Sell`).
			side: OrderSide,
			/// What was traded, from the taker's side: the taker bought positive sizes.
			legs: BoundedVec<Fill, T::MaxLegs>,
		},
		/// All legs of a complex order filled in their books, each as an order of its own.
		ComplexOrderFilled {
			/// Whose it was.
			account: SubAccountId<T::AccountId>,
			/// The numbers of the legs' orders.
			orders: BoundedVec<OrderId, T::MaxLegs>,
			/// What all legs cost before fees, USD; negative: what they brought.
			cost: UsdValue,
		},
		/// A complex order that rested has traded with another account's.
		ComplexOrderTaken {
			/// Its number.
			order: OrderId,
			/// Whose came in.
			taker: SubAccountId<T::AccountId>,
			/// Whose rested.
			maker: SubAccountId<T::AccountId>,
			/// What was traded, from the taker's side: the taker bought positive sizes.
			legs: BoundedVec<Fill, T::MaxLegs>,
		},
		/// A complex order did not trade and rests.
		ComplexOrderRests {
			/// Its number.
			order: OrderId,
			/// Whose it is.
			account: SubAccountId<T::AccountId>,
			/// What it trades: its account buys positive sizes.
			legs: BoundedVec<Fill, T::MaxLegs>,
			/// The last block in which it may trade.
			until: BlockNumberFor<T>,
		},
		/// A complex order that came in did not trade and does not rest, but some of others that could not
		/// trade with it were cancelled.
		ComplexOrderUnfilled {
			/// Whose it was.
			account: SubAccountId<T::AccountId>,
			/// Why the books could not fill it.
			error: DispatchError,
		},
		/// A complex order that rested was cancelled.
		ComplexOrderCancelled {
			/// Its number.
			order: OrderId,
			/// Whose it was.
			account: SubAccountId<T::AccountId>,
			/// Why.
			cause: CancelCause,
		},
		/// A request and its answers have ended without a trade.
		RequestCancelled {
			/// The request's number.
			request: RequestId,
			/// Who had asked.
			account: SubAccountId<T::AccountId>,
			/// Why.
			cause: CancelCause,
		},
	}
}
