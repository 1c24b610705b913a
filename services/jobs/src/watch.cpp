#include "job_api.hpp"

namespace bongsu::jobs {
namespace {

using namespace std::chrono_literals;

/// At most five a second.
constexpr auto kBetween = 200ms;

}  // namespace

/// The overseer reads the job, for however many watch it; this only hands on what has changed.
JobApi::Answered<void> JobApi::watch(std::string name, rpc::Writer<v1::Job> writer) {
  auto id = read_name(name);
  if (!id) co_return std::unexpected(std::move(id.error()));
  const auto watched = parts_.overseer.watch(*id);
  writer.on_closed([weak = std::weak_ptr{watched}] {
    if (const auto alive = weak.lock()) alive->changed.notify_all();
  });
  std::uint64_t seen = 0;
  while (!writer.closed()) {
    if (watched->missing)
      co_return rpc::refuse(ErrorCode::kNotFound, "job_not_found", "there is no such job");
    if (watched->version == seen) {
      co_await watched->changed.wait();
      continue;
    }
    seen = watched->version;
    const auto job = watched->job;
    if (!co_await writer.write(*job) || job->has_complete_time()) break;
    co_await sleep_for(kBetween);
  }
  co_return rpc::Answer<void>{};
}

}  // namespace bongsu::jobs
