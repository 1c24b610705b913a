#include "metrics.hpp"

namespace bongsu::outbox {

Metrics& measured() {
  static Metrics instance{
      .published = metrics::counter("bongsu_outbox_published_total", "Rows that the cursor has passed."),
      .refused =
          metrics::counter("bongsu_outbox_refused_total", "Rows that Kafka refuses for their own sake."),
      .restarts = metrics::counter("bongsu_outbox_publisher_restarts_total",
                                   "Publishers given up after an error that was not a record's."),
      .leaves_emptied = metrics::counter("bongsu_outbox_leaves_emptied_total", "Leaves of the ring emptied."),
      .leading =
          metrics::gauge("bongsu_outbox_leading", "1 where this process' relay is the one that works."),
      .waiting_rows = metrics::gauge("bongsu_outbox_waiting_rows",
                                     "Rows not yet passed by the cursor, by their sequence."),
      .waiting_seconds =
          metrics::gauge("bongsu_outbox_waiting_seconds", "Age of the oldest row not yet published."),
      .open_transaction_seconds =
          metrics::gauge("bongsu_outbox_open_transaction_seconds",
                         "Age of the oldest open transaction with an xid: it holds the relay back."),
  };
  return instance;
}

}  // namespace bongsu::outbox
