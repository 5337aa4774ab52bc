//! What is kept of complex orders.

/// Part of the pallet's module.
#[frame_support::pallet_macros::pallet_section]
mod complex_storage {
	/// Complex orders that rest.
	#[pallet::storage]
	pub type ComplexOrders<T: Config> = StorageMap<_, Twox64Concat, OrderId, ComplexOrder<T>>;

	/// The one that upkeep has looked at last.
	#[pallet::storage]
	pub type ComplexCursor<T: Config> = StorageValue<_, OrderId>;

	/// Those of one package: the one that pays most first, then the oldest.
	#[pallet::storage]
	pub type ComplexBooks<T: Config> = StorageMap<
		_,
		Blake2_128Concat,
		PackageId,
		BoundedVec<ComplexStanding, T::MaxOrdersPerLevel>,
		ValueQuery,
	>;

	/// Each account's, oldest first.
	#[pallet::storage]
	pub type ComplexOrdersOf<T: Config> = StorageMap<
		_,
		Blake2_128Concat,
		SubAccountId<T::AccountId>,
		BoundedVec<OrderId, T::MaxRequestsPerAccount>,
		ValueQuery,
	>;
}
