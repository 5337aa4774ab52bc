"""Prices a list of options with QuantLib's blackFormula and with numpy and scipy, and times both.

Each input line: 1 (call) or -1 (put), forward, strike, volatility, years. Each output line, between
tabs: the library, nanoseconds per price, the prices.
"""
import sys
import time

import numpy
import QuantLib
import scipy
from scipy.special import ndtr

sign, forward, strike, volatility, years = numpy.loadtxt(sys.argv[1], unpack=True)
deviation = volatility * numpy.sqrt(years)


def vectorised():
    total = volatility * numpy.sqrt(years)
    d1 = numpy.log(forward / strike) / total + total / 2
    return sign * (forward * ndtr(sign * d1) - strike * ndtr(sign * (d1 - total)))


kinds = [QuantLib.Option.Call if s > 0 else QuantLib.Option.Put for s in sign]
terms = list(zip(kinds, strike.tolist(), forward.tolist(), deviation.tolist()))


def one_by_one():
    price = QuantLib.blackFormula
    return [price(*option) for option in terms]


def least(price, times):
    """Nanoseconds on the processor per option: the least of seven measurements."""
    measured = []
    for _ in range(7):
        start = time.thread_time_ns()
        for _ in range(times):
            price()
        measured.append((time.thread_time_ns() - start) / times / len(terms))
    return min(measured)


for name, price, times in (
    (f"QuantLib {QuantLib.__version__}, blackFormula", one_by_one, 10),
    (f"numpy {numpy.__version__}, scipy {scipy.__version__}, vectorised", vectorised, 50),
):
    print(name, least(price, times), *(repr(float(p)) for p in price()), sep="\t")
