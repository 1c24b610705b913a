#pragma once
#include "life.hpp"

#include <bongsu/delivery/ledger.hpp>
#include <bongsu/delivery/row.hpp>
#include <bongsu/delivery/settings.hpp>
#include <bongsu/events/progress.hpp>
#include <bongsu/events/topics.hpp>
#include <bongsu/kafka/record.hpp>

#include <map>
#include <optional>
#include <set>
#include <tuple>

namespace bongsu::world {

struct Database;
class Broker;
class Jobs;
class SimControls;

/// A record as it lies in the log, and what the witness knows of it.
struct Stored {
  std::int64_t offset = 0;
  kafka::Record record;
  Timestamp written_at;
  std::optional<Uuid> id;  ///< none: nobody can decode it
  events::Progress progress;
  bool unsendable = false;  ///< its id's time lies outside of what may be sent
};

/// One call of the provider.
struct Call {
  Uuid id;
  Life* life = nullptr;
  Moment began;
  std::optional<Moment> looked;  ///< when its sender last looked into the ledger
  delivery::Hold hold;           ///< what its record was claimed under
  events::Progress progress;
  enum class Told : std::uint8_t { kNothing, kAccepted, kFailed, kMaybe } told = Told::kNothing;
  std::optional<Moment> accepted;
  std::optional<Moment> recorded;  ///< `delivered` is in the ledger
};

/// Sees everything that happens in a history, whoever knows of it, and says what must not have happened.
class Witness {
 public:
  Witness(Simulation& sim, Database& database, Broker& broker, const Jobs& jobs, events::Topics topics)
      : sim_(sim), database_(database), broker_(broker), jobs_(jobs), topics_(std::move(topics)) {}

  void started(const Life& life, const SimControls& controls) { controls_[life.number] = &controls; }

  // The source.
  void requested(const Uuid& id);
  void belongs(const Uuid& id, std::string job) { job_of_[id] = std::move(job); }
  /// What is promised to the provider.
  void limited_by(const delivery::Settings& settings) { settings_ = settings; }

  // The ledger.
  /// Everything below `to` that is not committed is claimed under this hold.
  void claimed(const Life& life, const delivery::Hold& hold, std::int64_t to, bool fenced);
  void looked_up(const Life& life, const Uuid& id, const delivery::Row* row);
  void told(const delivery::Row& row);
  void recorded(const Life& life, const delivery::Row& offered, const delivery::Row& stays, bool former);
  void refused(const kafka::Record& record);

  // The provider.
  std::size_t called(Life& life, const Uuid& id);
  void accepted(std::size_t call);
  void answered(std::size_t call, Call::Told told) { calls_[call].told = told; }
  const std::vector<Call>& calls() const { return calls_; }
  std::size_t fallbacks() const { return fallbacks_.size(); }

  // The log.
  void appended(const std::string& topic, const Stored& stored);
  void commits(const kafka::TopicPartition& where, std::int64_t from, std::int64_t to);
  std::int64_t committed(const kafka::TopicPartition& where) const;

  /// Everything is quiet: the verdict on the whole.
  void conclude();

  std::string name_of(const Uuid& id) const;

 private:
  struct Result {
    events::Progress progress;
    int outcome;
    bool final;
    bool maybe;
  };
  using Stage = std::tuple<Uuid, std::uint32_t, std::uint32_t, std::uint32_t>;  // generation, attempt, round

  /// One attempt's outcome, as it stood in the ledger at some time.
  using Stay = std::tuple<Uuid, std::uint32_t, std::uint32_t, delivery::Outcome>;

  void result_appended(const kafka::Record& record);
  void retry_appended(const Stored& stored);
  void letter_appended(const Stored& stored);
  void fallback_appended(const kafka::Record& record);
  void check_control(const Life& life, const Uuid& id);
  void check_stopped(const delivery::Row& offered);
  void check_rate();
  void check_fallback(const Uuid& id);
  bool ended(const kafka::TopicPartition& where, const Stored& stored) const;
  bool follow_up_is_there(const delivery::Row& row) const;
  void check_end(const Uuid& id);
  void check_doubles(const Uuid& id, const std::vector<const Call*>& accepted);
  bool in_the_window(const Call& first, const Call& second) const;

  Simulation& sim_;
  delivery::Settings settings_;
  Database& database_;
  Broker& broker_;
  const Jobs& jobs_;
  events::Topics topics_;

  std::set<Uuid> asked_;
  std::map<Uuid, std::string> job_of_;
  std::map<int, const SimControls*> controls_;                                          // by life
  std::map<std::pair<int, Uuid>, std::pair<delivery::Hold, events::Progress>> claims_;  // by life
  std::map<std::pair<int, Uuid>, std::uint32_t> seen_delivered_;  // by life: its last look, the generation
  std::map<Uuid, std::uint32_t> told_delivered_;                  // the generation that somebody told of
  std::map<std::pair<int, Uuid>, Moment> looked_;                 // by life: when
  std::set<Stay> stayed_;
  std::map<Uuid, const Life*> told_late_;  // by a former owner
  std::vector<Call> calls_;
  std::map<Uuid, std::vector<Result>> results_;
  std::set<Stage> retries_;
  std::set<std::pair<Uuid, std::uint32_t>> letters_;
  std::set<kafka::Position> letters_by_place_;
  std::set<Uuid> refused_;
  std::map<Uuid, Uuid> derived_;  // the id of a fallback → whose
  std::set<Uuid> fallbacks_;      // whose fallback is in the log
};

/// As v1::DeliveryResult counts it.
int result_outcome(delivery::Outcome outcome);
std::string text_of(const events::Progress& progress);
std::string text_of(const delivery::Row& row);

}  // namespace bongsu::world
