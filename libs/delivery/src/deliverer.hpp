#pragma once
#include "follow_up.hpp"
#include "in_flight.hpp"
#include "sender.hpp"

#include <bongsu/delivery/log.hpp>

namespace bongsu::delivery {

/// Takes one record from reading to its end: decode, look up, claim, send, record, publish.
///
/// What a crash leaves behind at each step stands in delivery/README.md. Everything that the ledger or
/// Kafka does not answer is asked again until the partition is gone.
/// Threads: the io_context's one thread; many records are under way at once.
class Deliverer {
 public:
  struct Parts {
    Channel& channel;
    Ledger& ledger;
    Log& log;
    Sender& sender;
    Alerts& alerts;
    const Controls& controls;
    const Clock& clock;
    const Intake& intake;
    const FollowUp& follow_up;
    const Settings& settings;
  };

  Deliverer(const asio::any_io_executor& executor, Parts parts);

  /// Whether the record needs nothing more: its offset is done. False: the partition went away.
  asio::awaitable<bool> deliver(Partition& partition, kafka::Message message);

  /// Somebody else has this partition, although the group gave it to us: called at most once a hold.
  std::function<void(Partition&)> on_fenced;

 private:
  /// What the ledger says of a record, after the look-up.
  struct Looked {
    Verdict verdict = Verdict::kGoOn;
    std::optional<Row> row;
    bool unknown = false;  ///< a former owner may have sent it, and nobody knows how it ended
  };

  asio::awaitable<bool> bury_as_it_came(Partition& partition, kafka::Message message, Flaw flaw);
  asio::awaitable<bool> deliver_request(Partition& partition, Request request, std::optional<Flaw> flaw);
  asio::awaitable<std::optional<Looked>> look_up(Partition& partition, const Request& request);
  std::vector<kafka::Record> letter_without_row(const Request& request, std::string_view why) const;
  std::optional<Row> end_without_call(const Request& request, const Looked& looked,
                                      const std::optional<Flaw>& flaw) const;
  asio::awaitable<bool> controls_are_known(Partition& partition);
  asio::awaitable<std::optional<bool>> mark_maybe(Partition& partition, const Request& request,
                                                  const Looked& looked);
  void note_fallback(const Request& request);
  std::optional<asio::awaitable<bool>> claim(Partition& partition, std::int64_t offset);
  asio::awaitable<bool> claim_up_to(Partition& partition, std::int64_t to);
  asio::awaitable<void> claim_ahead(std::shared_ptr<Partition> partition, std::int64_t to);
  std::int64_t ahead() const;
  asio::awaitable<bool> conclude(Partition& partition, const Request& request, Row row);
  /// `whoever_holds`: also when the partition has become another's.
  asio::awaitable<bool> publish_all(Partition& partition, std::vector<kafka::Record> records,
                                    bool whoever_holds = false);
  asio::awaitable<bool> keep_refused(Partition& partition, const kafka::Record& record, const Error& why);

  Row begin_row(const Request& request, const Looked& looked) const;
  std::optional<std::string_view> outside_window(const Request& request) const;
  asio::awaitable<bool> pause(Partition& partition, std::string_view what, const Error& why);

  asio::any_io_executor executor_;
  Parts parts_;
  InFlight in_flight_;
};

}  // namespace bongsu::delivery
