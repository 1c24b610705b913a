#pragma once
#include "command_line.hpp"

namespace CLI {
class App;
}

namespace bongsu::ctl {

/// `bongsuctl job …` and its options.
void add_jobs(CLI::App& app, const Environment& environment, Invocation& invocation);

}  // namespace bongsu::ctl
