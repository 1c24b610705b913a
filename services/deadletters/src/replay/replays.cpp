#include "replays.hpp"

#include "filter.hpp"

namespace bongsu::deadletters {

Replays::Replays(Parts parts)
    : parts_(std::move(parts)),
      store_(parts_.pool, parts_.letters, parts_.events),
      planner_({.letters = parts_.letters,
                .replays = store_,
                .clock = parts_.clock,
                .random = parts_.random,
                .settings = parts_.settings.plan,
                .is_cancelled = [this](const Uuid& job) { return is_cancelled(job); }}),
      replayer_({.executor = parts_.executor,
                 .replays = store_,
                 .letters = parts_.letters,
                 .topics = parts_.topics,
                 .cluster = parts_.cluster,
                 .box = parts_.box,
                 .clock = parts_.clock,
                 .random = parts_.random,
                 .lease = parts_.settings.lease,
                 .on_stored = parts_.on_stored}),
      intake_(parts_.letters, store_, parts_.clock),
      api_({.executor = parts_.executor,
            .letters = parts_.letters,
            .replays = store_,
            .planner = planner_,
            .replayer = replayer_,
            .box = parts_.box,
            .clock = parts_.clock,
            .random = parts_.random,
            .read_filter = [this](const v1::Filter& filter) { return read_filter(filter, parts_.hash); },
            .on_stored = parts_.on_stored}),
      ended_(parts_.executor) {}

Result<void> Replays::open() {
  auto controls = delivery::KafkaControls::open(parts_.executor, parts_.cluster, parts_.topics);
  if (!controls) return std::unexpected(controls.error());
  controls_ = std::move(*controls);
  return {};
}

bool Replays::is_cancelled(const Uuid& job) const {
  return controls_ && controls_->state_of(job.str()) == delivery::JobState::kCancelled;
}

LetterIntake::Hooks Replays::hooks() {
  return {
      .plans =
          [this](postgres::Session& session, std::vector<events::v1::DeadLetterEvent> events) {
            return intake_.plans(session, std::move(events));
          },
      .results =
          [this](postgres::Session& session, std::vector<events::v1::DeliveryResult> results) {
            return intake_.results(session, std::move(results));
          },
      .letters = [this](postgres::Session& session,
                        std::vector<Letter> letters) { return intake_.letters(session, std::move(letters)); },
      .on_stored =
          [this] {
            parts_.on_stored();
            replayer_.wake();
          }};
}

void Replays::begin() {
  runs_ = true;
  spawn(parts_.executor, "replayer", replay());
}

asio::awaitable<void> Replays::replay() {
  co_await replayer_.run();
  runs_ = false;
  ended_.notify_all();
}

asio::awaitable<void> Replays::stop() {
  replayer_.stop();
  while (runs_) co_await ended_.wait();
  if (controls_) co_await controls_->close();
}

}  // namespace bongsu::deadletters
