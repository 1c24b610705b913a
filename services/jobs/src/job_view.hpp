#pragma once
#include "estimate.hpp"
#include "job.hpp"

#include <bongsu/jobs/v1/jobs.pb.h>

namespace bongsu::jobs {

/// A job as it is shown. Pure.
v1::Job view_of(const Snapshot& snapshot, double rate, const Limits& limits, Timestamp now);

/// Whether there is anything new in `after`, rates and estimates aside.
bool is_news(const v1::Job& before, const v1::Job& after);

}  // namespace bongsu::jobs
