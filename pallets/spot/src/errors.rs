//! What the pallet refuses.

/// Part of the pallet's module.
#[frame_support::pallet_macros::pallet_section]
mod errors {
	#[pallet::error]
	#[derive(PartialEq, Eq)]
	pub enum Error<T> {
		/// The sender is neither the account's owner nor a delegate.
		NotAuthorised,
		/// The pair is not traded.
		UnknownPair,
		/// No collateral asset of this number is listed.
		UnknownCollateral,
		/// The collateral is the settlement asset itself.
		SameAsset,
		/// A pair's lot is zero.
		InvalidLot,
		/// A pair's lot is less than an account may hold of the collateral.
		LotBelowMinimum,
		/// A lot at one tick does not come to a whole number of settlement units, or to none.
		InvalidTick,
		/// A pair's price band is nothing, or all of the price.
		InvalidPriceBand,
		/// Orders rest in the pair's book, in other ticks or lots: they have to go first.
		OrdersRest,
		/// The amount is zero.
		ZeroAmount,
		/// The price is zero.
		ZeroPrice,
		/// The amount is not a whole number of lots.
		AmountNotInLots,
		/// The price is not a whole number of ticks.
		PriceNotInTicks,
		/// The price is more ticks than a book reaches.
		PriceOutOfRange,
		/// The amount is worth less than the least that is swapped.
		SwapTooSmall,
		/// The order is worth less than the least that is traded.
		OrderTooSmall,
		/// The collateral, or the settlement asset, has no current price.
		NoPrice,
		/// Nothing is to be had within the worst price and the price band.
		NothingWithinWorstPrice,
		/// Less than all is to be had within the worst price and the price band.
		NotFilled,
		/// The quote is for another pair, or for who trades to the other side.
		QuoteOfOtherTrade,
		/// The quote's price is too far from the oracle's, to its maker's loss.
		QuoteOutsideBand,
		/// The same quote, or another of the same maker and nonce, is taken into account already.
		QuoteTwice,
		/// More quotes than a swap may bring.
		TooManyQuotes,
		/// A venue did not do what it had said.
		PlanNotMet,
		/// The order's last block is over.
		OrderExpired,
		/// The order is post-only and would fill.
		WouldFill,
		/// As many orders rest at this price as may.
		LevelFull,
		/// As many orders of the account rest as may.
		TooManyOrders,
		/// More fills are asked for than one call may have.
		TooManyFills,
		/// No such order rests.
		UnknownOrder,
		/// The order is another account's.
		NotYourOrder,
		/// None of these orders may be cancelled by anybody.
		NothingToSweep,
		/// An amount does not fit.
		Overflow,
	}
}
