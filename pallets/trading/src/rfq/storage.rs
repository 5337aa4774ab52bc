//! What is kept of requests and their answers.

/// Part of the pallet's module.
#[frame_support::pallet_macros::pallet_section]
mod rfq_storage {
	/// The number of the next request.
	#[pallet::storage]
	pub type NextRequestId<T: Config> = StorageValue<_, RequestId, ValueQuery>;

	/// Requests for quotes that are open.
	#[pallet::storage]
	pub type Requests<T: Config> = StorageMap<_, Twox64Concat, RequestId, Request<T>>;

	/// The one that upkeep has looked at last.
	#[pallet::storage]
	pub type RequestCursor<T: Config> = StorageValue<_, RequestId>;

	/// Each account's open requests, oldest first.
	#[pallet::storage]
	pub type RequestsOf<T: Config> = StorageMap<
		_,
		Blake2_128Concat,
		SubAccountId<T::AccountId>,
		BoundedVec<RequestId, T::MaxRequestsPerAccount>,
		ValueQuery,
	>;

	/// Answers to requests that are open, by the maker's account: one of each.
	#[pallet::storage]
	pub type Answers<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		RequestId,
		Blake2_128Concat,
		SubAccountId<T::AccountId>,
		Answer<T>,
	>;
}
