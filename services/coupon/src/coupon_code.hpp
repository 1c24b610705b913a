#pragma once
#include <bongsu/core/random.hpp>

#include <string>

namespace bongsu::coupon {

/// A code that nobody can guess: 80 bits of chance as four groups of four, in Crockford's base 32, which
/// has no I, L, O and U: "7Q2F-0XKD-M4VA-9E1C".
std::string make_code(Random& random);

}  // namespace bongsu::coupon
