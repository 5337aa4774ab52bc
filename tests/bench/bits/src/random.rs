//! Numbers that look random and are the same in every run.

/// SplitMix64 (G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", 2014).
pub struct Random(u64);

impl Random {
	/// From a seed.
	pub fn new(seed: u64) -> Self {
		Self(seed)
	}

	/// All 64 bits.
	pub fn word(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut mixed = self.0;
		mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		mixed ^ (mixed >> 31)
	}

	/// Below `end`, which must not be zero.
	pub fn below(&mut self, end: u64) -> u64 {
		self.word() % end
	}

	/// Between two numbers, evenly.
	pub fn between(&mut self, low: f64, high: f64) -> f64 {
		let place = (self.word() >> 11) as f64 / (1u64 << 53) as f64;
		low + (high - low) * place
	}

	/// Between two positive numbers, evenly by their logarithms.
	pub fn between_logarithms(&mut self, low: f64, high: f64) -> f64 {
		self.between(low.ln(), high.ln()).exp()
	}

	/// One of some.
	pub fn one_of<T: Copy>(&mut self, choices: &[T], otherwise: T) -> T {
		let count = u64::try_from(choices.len()).unwrap_or(1).max(1);
		let index = usize::try_from(self.below(count)).unwrap_or(0);
		choices.get(index).copied().unwrap_or(otherwise)
	}
}
