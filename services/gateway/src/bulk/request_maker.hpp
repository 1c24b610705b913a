#pragma once
#include "bulk/job_store.hpp"

#include <bongsu/core/private.hpp>
#include <bongsu/core/random.hpp>
#include <bongsu/events/topics.hpp>
#include <bongsu/kafka/record.hpp>
#include <bongsu/security/sealed_box.hpp>

namespace bongsu::gateway {

/// A job's message, opened.
struct BulkMessage {
  PrivateText subject;
  PrivateText text;
};

/// Turns members of a job into requests for its channel, and pages into what jobs is told of them.
/// Threads: the io_context's one thread. Lifetime: what it refers to outlives it.
class RequestMaker {
 public:
  RequestMaker(const security::SealedBox& box, events::Topics topics, Random& random, const Clock& clock)
      : box_(box), topics_(std::move(topics)), random_(random), clock_(clock) {}

  /// Errors: as SealedBox::open.
  Result<BulkMessage> open(const BulkRequest& job) const;

  /// The request for one member. Errors: as SealedBox::open, for the member's box.
  Result<kafka::Record> request(const BulkRequest& job, const BulkMessage& message, std::uint32_t page,
                                const BulkMember& member) const;

  kafka::Record planned(const Uuid& job, const Page& page) const;
  kafka::Record counted(const Uuid& job, const Census& census) const;

 private:
  kafka::Record planned_record(const Uuid& job, std::string event_id, std::string value) const;

  const security::SealedBox& box_;
  events::Topics topics_;
  Random& random_;
  const Clock& clock_;
};

}  // namespace bongsu::gateway
