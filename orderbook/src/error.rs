//! Why an order or a cancellation fails.

/// What the book refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BookError {
	/// No lots.
	ZeroLots,
	/// The price is zero or above [`MAX_TICK`](crate::MAX_TICK).
	TickOutOfRange,
	/// Its last block has passed.
	AlreadyExpired,
	/// It is post-only and would fill.
	WouldFill,
	/// It is fill-or-kill and cannot be filled in full.
	NotFilled,
	/// It is reduce-only and would rest.
	ReduceOnlyRests,
	/// It is reduce-only and nothing is to be reduced.
	NothingToReduce,
	/// It would rest at a level that has as many orders as a level may have.
	LevelFull,
	/// No such order rests at that level.
	NoSuchOrder,
}

/// Why an order was not placed. The store may have changed: undo it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceError<Error> {
	/// The book refuses it.
	Book(BookError),
	/// The caller failed at a fill.
	Fill(Error),
}

impl<Error> From<BookError> for PlaceError<Error> {
	fn from(error: BookError) -> Self {
		Self::Book(error)
	}
}
