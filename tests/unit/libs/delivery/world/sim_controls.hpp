#pragma once
#include "life.hpp"

#include <bongsu/core/random.hpp>
#include <bongsu/delivery/job_table.hpp>

#include <map>
#include <string>
#include <vector>

namespace bongsu::world {

class SimControls;
class SimLog;

/// The jobs of a history, and the topic job.control. Chance of its own: a history without jobs is the same
/// with it and without.
class Jobs {
 public:
  struct Control {
    std::string job;
    std::uint64_t revision = 0;
    delivery::JobState state = delivery::JobState::kUnknown;
  };

  explicit Jobs(Simulation& sim);

  /// Decides on the jobs of this history, and on what is said of them until shortly after the last fault. In
  /// the end each runs or is cancelled.
  void begin();
  /// The job of a request; most have none.
  std::string pick();

  const std::vector<Control>& topic() const { return topic_; }
  /// What holds, whoever knows of it.
  delivery::JobState state_of(const std::string& job) const { return truth_.state_of(job); }
  bool was_ever_stopped(const std::string& job) const { return stopped_.contains(job); }

  void opened(SimControls& controls) { readers_.push_back(&controls); }
  bool chance(double probability);
  Duration between(Duration least, Duration most);

 private:
  void say(const std::string& job, delivery::JobState state);
  void append(const Control& control);

  Simulation& sim_;
  SeededRandom dice_;
  std::vector<std::string> names_;
  std::map<std::string, std::uint64_t> revisions_;
  std::set<std::string> stopped_;
  std::vector<Control> topic_;
  delivery::JobTable truth_;
  std::vector<SimControls*> readers_;
};

/// What one life knows of job.control: all that stood there at its start, after a while; the rest a little
/// late.
class SimControls final : public delivery::Controls {
 public:
  SimControls(Life& life, Jobs& jobs, const SimLog& log);

  bool ready() const override;
  delivery::JobState state_of(std::string_view job) const override;

  /// What a replica that keeps the rules would know.
  delivery::JobState known(const std::string& job) const { return table_.state_of(job); }
  bool has_read_what_was_there() const { return read_ >= there_at_start_; }

  void appended();

 private:
  void read();

  Life& life_;
  Jobs& jobs_;
  const SimLog& log_;
  std::size_t there_at_start_;
  std::size_t read_ = 0;
  delivery::JobTable table_;
  std::map<std::string, delivery::JobState, std::less<>> last_;  // whatever its revision
};

}  // namespace bongsu::world
