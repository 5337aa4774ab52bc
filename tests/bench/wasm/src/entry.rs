//! The module's one export, in the form in which the executor calls a runtime's functions.

// The executor hands over a pointer and takes one back: that cannot be said in safe code.
#![allow(unsafe_code)]

use alloc::boxed::Box;

// It brings the host's allocator and the panic handler.
use sp_io as _;

/// Runs an encoded [`Task`](crate::Task) of `length` bytes at `data`. The answer's address is in
/// the lower half of the result and its length in the upper one.
#[no_mangle]
pub extern "C" fn run(data: *const u8, length: usize) -> u64 {
	let task = if length == 0 {
		&[]
	} else {
		// SAFETY: the executor has put so many bytes there and does not touch them until the call
		// returns.
		unsafe { core::slice::from_raw_parts(data, length) }
	};
	// Never freed: the instance ends with the call.
	let answer = Box::leak(crate::run(task).into_boxed_slice());
	let half = |value: usize| u64::try_from(value).unwrap_or(u64::MAX);
	(half(answer.len()) << 32) | half(answer.as_ptr().addr())
}
