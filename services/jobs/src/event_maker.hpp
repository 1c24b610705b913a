#pragma once
#include "job.hpp"

#include <bongsu/core/private.hpp>
#include <bongsu/core/random.hpp>
#include <bongsu/events/topics.hpp>
#include <bongsu/outbox/event.hpp>
#include <bongsu/security/sealed_box.hpp>

namespace bongsu::jobs {

/// What is sent to everybody. Only the event that asks the gateway for it carries it, sealed.
struct BulkMessage {
  PrivateText subject;
  PrivateText text;
};

/// The events that jobs publishes. Threads: the io_context's one thread. Lifetime: what it refers to outlives
/// it.
class EventMaker {
 public:
  EventMaker(const security::SealedBox& box, events::Topics topics, Random& random)
      : box_(box), topics_(std::move(topics)), random_(random) {}

  outbox::Event requested(const JobRow& job, const BulkMessage& message, Timestamp as_of,
                          Timestamp now) const;
  /// What the row says of control.
  outbox::Event control(const JobRow& job, Timestamp now) const;

 private:
  Headers headers_of(const Uuid& id, std::string_view type, Timestamp now) const;

  const security::SealedBox& box_;
  events::Topics topics_;
  Random& random_;
};

}  // namespace bongsu::jobs
