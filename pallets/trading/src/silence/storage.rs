//! What is kept of switches that cancel on silence.

/// Part of the pallet's module.
#[frame_support::pallet_macros::pallet_section]
mod silence_storage {
	/// The accounts whose orders are cancelled when nobody trades for them any more.
	#[pallet::storage]
	pub type SilenceSwitches<T: Config> =
		StorageMap<_, Blake2_128Concat, SubAccountId<T::AccountId>, SilenceSwitch<BalanceOf<T>>>;

	/// In which block each of them is to be looked at.
	#[pallet::storage]
	pub type SilenceChecks<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		Block,
		Blake2_128Concat,
		SubAccountId<T::AccountId>,
		(),
		OptionQuery,
	>;

	/// The first block of which switches may still be to look at: all before were passed.
	#[pallet::storage]
	pub type SilenceCursor<T: Config> = StorageValue<_, Block, ValueQuery>;
}
