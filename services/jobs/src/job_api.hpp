#pragma once
#include "job_store.hpp"
#include "new_job.hpp"
#include "overseer.hpp"

#include <bongsu/rpc/server.hpp>
#include <bongsu/security/keyed_hash.hpp>

namespace bongsu::jobs {

/// JobService (jobs.proto says what each call promises). It checks, stores and reads; what follows is the
/// overseer's. Threads: the io_context's one thread. Lifetime: what it refers to outlives it, and it its
/// service.
class JobApi {
 public:
  struct Parts {
    asio::any_io_executor executor;
    JobStore& store;
    Overseer& overseer;
    const EventMaker& events;
    const security::KeyedHash& hash;
    const Clock& clock;
    Random& random;
    CreditSettings credit;
    std::function<void()> on_stored;
  };
  explicit JobApi(Parts parts);

  const rpc::Service& service() const { return service_; }

 private:
  template <class T>
  using Answered = asio::awaitable<rpc::Answer<T>>;

  template <class Request>
  void serve(Action action);
  Answered<v1::Job> create(rpc::Call call, v1::CreateJobRequest request);
  Answered<v1::Job> store(rpc::Call call, NewJob asked, Uuid body);
  Answered<v1::Job> get(std::string name);
  Answered<v1::ListJobsResponse> list(v1::ListJobsRequest request);
  Answered<void> watch(std::string name, rpc::Writer<v1::Job> writer);
  Answered<v1::Job> act(std::string name, Action action);
  Answered<v1::ListJobFailuresResponse> failures(v1::ListJobFailuresRequest request);
  Answered<Snapshot> find(Uuid id);

  Parts parts_;
  rpc::Service service_{"bongsu.jobs.v1.JobService"};
};

}  // namespace bongsu::jobs
