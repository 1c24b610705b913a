#pragma once
#include <source_location>

namespace bongsu {

/// Stops the process with the place and the broken expectation. For what cannot happen; expected
/// trouble is a Result. On in release builds as well: going on would lose or double notifications.
[[noreturn]] void assertion_failed(const char* what, std::source_location where);

/// Aborts when `holds` is false. A function, not a macro: it is always evaluated.
inline void require(bool holds, const char* what,
                    std::source_location where = std::source_location::current()) {
  if (!holds) [[unlikely]]
    assertion_failed(what, where);
}

}  // namespace bongsu
