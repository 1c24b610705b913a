#pragma once
#include <support/stack/stack.hpp>

namespace bongsu::bench {

/// Imports `count` members in their twenties, born on 2,000 different days, each with a number. Throws when
/// one is refused.
void import_members(support::Stack& stack, int count);

}  // namespace bongsu::bench
