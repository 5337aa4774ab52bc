//! Why the pallet refuses.

/// Part of the pallet's module.
#[frame_support::pallet_macros::pallet_section]
mod errors {
	#[pallet::error]
	pub enum Error<T> {
		/// The sender is neither the owner nor a delegate of the taking sub-account.
		NotAllowedToTrade,
		/// Maker and taker are the same sub-account.
		SelfTrade,
		/// The quote is for another owner's sub-accounts.
		NotNamedTaker,
		/// The quote is for another chain: its genesis hash isn't this chain's.
		WrongChain,
		/// The quote's expiry block has passed.
		QuoteExpired,
		/// The quote's expiry block is further away than quotes may last.
		ExpiryTooFar,
		/// A quote with this nonce of this maker was already taken.
		NonceUsed,
		/// The maker has cancelled its quotes with nonces as low as this.
		NonceCancelled,
		/// The quote has no legs.
		NoLegs,
		/// Two legs are in the same instrument.
		DuplicateInstrument,
		/// An instrument isn't listed.
		UnknownInstrument,
		/// An instrument's expiry has passed.
		ExpiredInstrument,
		/// A leg's size is zero.
		ZeroSize,
		/// A leg's size isn't a whole number of the instrument's lots.
		SizeNotInLots,
		/// A leg's price is zero.
		ZeroPrice,
		/// A leg's price isn't a whole number of the instrument's ticks.
		PriceNotInTicks,
		/// The quote's signer is neither the owner nor a delegate of the maker.
		SignerNotAllowed,
		/// The signature isn't the signer's over this quote.
		BadSignature,
		/// The minimum nonce is already that high.
		NonceNotRaised,
		/// More fills are asked for than a call may take.
		TooManyFills,
		/// The order's value at its limit is below the least.
		OrderTooSmall,
		/// The price is more ticks than a book reaches.
		PriceOutOfRange,
		/// A size or value is larger than can be counted.
		TooLarge,
		/// The order's last block has passed.
		OrderExpired,
		/// The order is post-only and would fill at once.
		WouldFill,
		/// The order is fill-or-kill and cannot be filled in full.
		NotFilled,
		/// A reduce-only order must be immediate-or-cancel or fill-or-kill.
		ReduceOnlyRests,
		/// The order is reduce-only and there is no position that it reduces.
		NothingToReduce,
		/// As many orders rest at this price as may.
		LevelFull,
		/// As many orders of this account rest as may.
		TooManyOrders,
		/// No such order rests.
		UnknownOrder,
		/// The order is of another account.
		NotYourOrder,
		/// None of the orders may be swept.
		NothingToSweep,
		/// Positions in the instrument may only be closed, and the order, with those that rest, does more.
		CloseOnly,
		/// A silence lasts a block at least.
		NoSilence,
		/// The quote's or answer's maker has been silent for as long as it said.
		MakerSilent,
		/// Trading in the instrument is halted: its book takes no orders.
		TradingHalted,
		/// Orders still rest that count in the ticks and lots of an earlier listing; sweep them first.
		BookOfOtherTerms,
		/// A leg's price is too far from its instrument's mark.
		PriceOutsideBand,
		/// The request's last block has passed.
		RequestExpired,
		/// As many requests of this account are open as may.
		TooManyRequests,
		/// No such request is open.
		UnknownRequest,
		/// The request names other makers.
		NotNamedMaker,
		/// As many have answered the request as may.
		TooManyAnswers,
		/// The answer's last block has passed.
		AnswerExpired,
		/// The answer has neither an ask nor a bid.
		EmptyAnswer,
		/// The request is not two-sided: no bids are asked for.
		BidNotAsked,
		/// There isn't one price for each leg.
		WrongNumberOfPrices,
		/// That maker has not answered the request.
		UnknownAnswer,
		/// The answer has no prices for this side.
		SideNotAnswered,
		/// The legs together cost more than the limit allows.
		WorseThanLimit,
	}
}
