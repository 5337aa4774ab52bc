//! What a block does by itself, and what the pallet's constants must keep to.

/// Part of the pallet's module.
#[frame_support::pallet_macros::pallet_section]
mod hooks {
	/// The most of a block that pruning may take, asserted by `integrity_test`.
	const MAX_PRUNING_SHARE: Perbill = Perbill::from_percent(10);

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Forgets used nonces that no quote which might still be taken can bear, cancels orders of accounts
		/// that have fallen silent, and ends what can never trade again.
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			let pruned = Self::prune_nonces(now, T::MaxPrunedPerBlock::get());
			let limit = Self::most_silence_work();
			let done = Self::end_silence(as_block(now), limit);
			let kept = Self::do_upkeep(limit.cancels.saturating_sub(done.cancels));
			T::WeightInfo::on_initialize(pruned)
				.saturating_add(Self::silence_weight(done))
				.saturating_add(Self::upkeep_weight(kept))
		}

		fn integrity_test() {
			let weights = T::BlockWeights::get();

			assert!(T::BandStepBlocks::get() > 0, "a band must not widen at once");
			assert!(T::MaxLegs::get() > 0, "a quote must be able to have a leg");
			let largest = Self::block_trade_weight(T::MaxLegs::get());
			let room =
				weights.get(DispatchClass::Normal).max_extrinsic.unwrap_or(weights.max_block);
			assert!(largest.all_lte(room), "a block trade of MaxLegs legs must fit a block");

			for (call, weight) in [
				("an order", Self::place_weight(T::MaxFills::get())),
				("a replacement", Self::replace_weight(T::MaxFills::get())),
				("a batch", Self::batch_weight(T::MaxBatch::get(), T::MaxFills::get())),
				("cancelling all", Self::cancel_all_weight(T::MaxOrdersPerAccount::get())),
				("a sweep", Self::sweep_weight(T::MaxBatch::get())),
				(
					"a complex order",
					Self::place_complex_weight(T::MaxLegs::get(), T::MaxFills::get()),
				),
				("taking an answer", Self::accept_weight()),
				("a sweep of requests", Self::sweep_requests_weight(T::MaxBatch::get())),
			] {
				assert!(weight.all_lte(room), "{call} at its largest must fit a block: {weight:?}");
			}

			let steps = T::MaxPrunedPerBlock::get();
			assert!(steps >= 2, "pruning must get further than the one block that passes");
			// Both share the cancellations.
			let watched = Self::silence_weight(Self::most_silence_work())
				.saturating_add(Self::upkeep_weight(Self::most_upkeep()));
			assert!(
				watched.all_lte(MAX_PRUNING_SHARE * weights.max_block),
				"watching for silence and upkeep must leave the block to others: {watched:?}"
			);
			assert!(T::MaxCancelledPerBlock::get() > 0, "nothing would ever be cancelled");
			assert!(
				T::WeightInfo::on_initialize(steps).all_lte(MAX_PRUNING_SHARE * weights.max_block),
				"MaxPrunedPerBlock steps must leave the block to others"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}
}
