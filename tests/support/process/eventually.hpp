#pragma once
#include <chrono>
#include <functional>
#include <string_view>

namespace bongsu::support {

/// Waits for `holds` with a deadline and throws, naming `what`, when it passes.
void eventually(std::string_view what, const std::function<bool()>& holds,
                std::chrono::seconds limit = std::chrono::seconds{60});

}  // namespace bongsu::support
