#include "event_maker.hpp"

#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/headers.hpp>

namespace bongsu::deadletters {
namespace {

constexpr std::string_view kSource = "/bongsu/deadletters";

}  // namespace

outbox::Event EventMaker::event(const Uuid& key, const events::v1::DeadLetterEvent& event,
                                Timestamp now) const {
  const auto id = Uuid::v7(now, random_);
  auto headers = events::make_headers({.id = id.str(),
                                       .source = std::string{kSource},
                                       .type = std::string{events::type::kDeadLetterEvent},
                                       .time = now,
                                       .content_type = events::ContentType::kProtobuf,
                                       .trace = TraceContext::start(random_)});
  if (!event.replay_id().empty()) set(headers, events::header::kReplayId, event.replay_id());
  return {.id = id,
          .topic = topics_.dead_letter_event(),
          .key = key.str(),
          .headers = std::move(headers),
          .value = events::encode(event)};
}

outbox::Event EventMaker::decided(const Decision& decision) const {
  events::v1::DeadLetterEvent told;
  told.set_letter_id(decision.letter.str());
  told.set_kind(decision.kind);
  if (decision.replay) told.set_replay_id(decision.replay->str());
  told.set_generation(static_cast<std::uint32_t>(decision.generation));
  told.set_actor(decision.actor);
  told.set_reason(decision.reason);
  *told.mutable_time() = events::to_proto(decision.time);
  told.set_revision(static_cast<std::uint64_t>(decision.revision));
  return event(decision.letter, told, decision.time);
}

}  // namespace bongsu::deadletters
