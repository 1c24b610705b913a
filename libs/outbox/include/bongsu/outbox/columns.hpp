#pragma once
#include <bongsu/outbox/event.hpp>
#include <bongsu/postgres/params.hpp>

#include <vector>

namespace bongsu::outbox {

/// The events of one batch, as the parameters of the statement that writes the batch's state as well: state
/// and events are one transaction because they are one statement.
///
///   static const std::string kSql =
///       "WITH inserted AS (INSERT INTO message (id, …) SELECT … FROM unnest($1::uuid[], …) "
///       "                  ON CONFLICT DO NOTHING RETURNING id), "
///       "written AS (" + outbox::insert_sql("inserted", 5) + ") "
///       "SELECT id FROM inserted";
///   params.add(…);             // $1 to $4
///   columns.append_to(params); // $5 to $10
///
/// Each event names the row it belongs to (its owner); events whose owner is not among the inserted rows are
/// not written. Ordering: published in the order of add(), for events of one statement.
class Columns {
 public:
  static constexpr int kParameters = 6;

  void add(const Uuid& owner, Event event);
  std::size_t size() const { return ids_.size(); }
  void append_to(postgres::Params& params) const;

 private:
  std::vector<Uuid> owners_;
  std::vector<Uuid> ids_;
  std::vector<std::string> topics_;
  std::vector<std::string> keys_;
  std::vector<std::string> headers_;
  std::vector<std::string> values_;
};

/// INSERT INTO outbox … of the events whose owner is an `id` of the common table expression `inserted`,
/// giving RETURNING id, xid, sequence. Its parameters begin at $first_parameter and are Columns::kParameters
/// many.
std::string insert_sql(std::string_view inserted, int first_parameter);

}  // namespace bongsu::outbox
