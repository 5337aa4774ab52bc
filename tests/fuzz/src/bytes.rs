//! Numbers out of any bytes, so that a fuzzer's mutations and a random generator drive the same
//! cases. What is beyond the end reads as zero.

/// One, with 18 decimals.
const ONE: u128 = 1_000_000_000_000_000_000;

/// A slice that is read from its front.
pub struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
	/// All of them.
	pub fn new(bytes: &'a [u8]) -> Self {
		Self(bytes)
	}

	fn take<const COUNT: usize>(&mut self) -> [u8; COUNT] {
		let mut taken = [0; COUNT];
		for byte in &mut taken {
			if let Some((first, rest)) = self.0.split_first() {
				(*byte, self.0) = (*first, rest);
			}
		}
		taken
	}

	/// Below `end`, which is at most 2^16; zero for zero.
	pub fn below(&mut self, end: u32) -> u32 {
		u32::from(u16::from_le_bytes(self.take())).checked_rem(end).unwrap_or(0)
	}

	/// Once in so many times, and never at the end of the bytes.
	pub fn once_in(&mut self, times: u32) -> bool {
		self.below(times) == times - 1
	}

	/// The ends of the types, or all 128 bits, shifted down so that every magnitude is as likely.
	pub fn any_magnitude(&mut self) -> u128 {
		if self.once_in(8) {
			return self.one_of([0, 1, ONE, (1 << 127) - 1, 1 << 127, u128::MAX]);
		}
		let shift = u32::from(self.take::<1>()[0] & 127);
		u128::from_le_bytes(self.take()) >> shift
	}

	/// The same with a sign: of the highest values one is the least of its type.
	pub fn any_signed(&mut self) -> i128 {
		let magnitude = self.any_magnitude();
		let positive = i128::try_from(magnitude >> 1).unwrap_or(i128::MAX);
		if magnitude == u128::MAX || self.once_in(2) {
			-1 - positive
		} else {
			positive
		}
	}

	/// The lowest 64 bits of any magnitude.
	pub fn any_moment(&mut self) -> u64 {
		u64::try_from(self.any_magnitude() & u128::from(u64::MAX)).unwrap_or(u64::MAX)
	}

	/// Between two numbers, evenly.
	pub fn between(&mut self, low: f64, high: f64) -> f64 {
		let place = f64::from(u32::from_le_bytes(self.take())) / f64::from(u32::MAX);
		low + (high - low) * place
	}

	/// Between two positive numbers, evenly by their logarithms.
	pub fn between_logarithms(&mut self, low: f64, high: f64) -> f64 {
		self.between(low.ln(), high.ln()).exp().clamp(low, high)
	}

	/// One of some.
	pub fn one_of<T: Copy, const COUNT: usize>(&mut self, choices: [T; COUNT]) -> T {
		let count = u32::try_from(COUNT).unwrap_or(1);
		let index = usize::try_from(self.below(count)).unwrap_or(0);
		choices[index]
	}
}

/// The generator by which a bounded run makes its bytes: SplitMix64 (G. Steele, D. Lea, C. Flood,
/// "Fast splittable pseudorandom number generators", 2014).
pub struct Random(pub u64);

impl Random {
	/// The next 64 bits.
	pub fn word(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut mixed = self.0;
		mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		mixed ^ (mixed >> 31)
	}

	/// Bytes for one case: mostly as many as an account of all legs reads, at times few.
	pub fn bytes(&mut self) -> Vec<u8> {
		let length = if self.word().is_multiple_of(8) { self.word() % 512 } else { 8_192 };
		(0..length.div_ceil(8)).flat_map(|_| self.word().to_le_bytes()).collect()
	}
}
