#pragma once
#include "command_line.hpp"

namespace CLI {
class App;
}

namespace bongsu::ctl {

/// `bongsuctl dlq …` and its options.
void add_dead_letters(CLI::App& app, const Environment& environment, Invocation& invocation);
/// `retry` under `job`: a replay of the job's dead letters.
void add_job_retry(CLI::App& job, const Environment& environment, Invocation& invocation);

}  // namespace bongsu::ctl
