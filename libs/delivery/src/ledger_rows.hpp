#pragma once
#include <bongsu/delivery/ledger.hpp>
#include <bongsu/postgres/params.hpp>
#include <bongsu/postgres/rows.hpp>

#include <vector>

/// How the ledger's rows look in SQL.
namespace bongsu::delivery {

/// In the order of read_row().
inline constexpr const char* kRowColumns =
    "id, generation, attempt, round, outcome, maybe, reason, provider_code, provider_id, message, tries, "
    "total_tries, latency_ms, ended_at, first_failed_at";

Row read_row(const postgres::Rows& rows, std::size_t row, std::size_t first_column);

/// Writes a batch of outcomes as merge() says and gives id, attempt, round and maybe of what it wrote: all
/// else is as it was offered.
extern const char* const kWriteRows;
Row read_written(const postgres::Rows& rows, std::size_t row, Row offered);

/// Of those that were not written: id, fenced, and the row that stays (NULLs when it was written by another
/// transaction after the first statement had begun).
extern const char* const kReadKept;
/// Nothing: fenced. Errors: kConflict: ask again.
Result<std::optional<Row>> read_kept(const postgres::Rows& rows, std::size_t row);

/// The batch as columns: params() for kWriteRows, places() for kReadKept.
class RowColumns {
 public:
  void add(const Hold& hold, const Row& row);
  postgres::Params params() const;
  postgres::Params places() const;

 private:
  std::vector<std::string> topics_;
  std::vector<std::int32_t> parts_;
  std::vector<std::int64_t> epochs_;
  std::vector<Uuid> ids_;
  std::vector<std::int32_t> generations_;
  std::vector<std::int32_t> attempts_;
  std::vector<std::int32_t> rounds_;
  std::vector<std::int16_t> outcomes_;
  std::vector<bool> maybes_;
  std::vector<std::string> reasons_;
  std::vector<std::string> provider_codes_;
  std::vector<std::string> provider_ids_;
  std::vector<std::string> messages_;
  std::vector<std::int32_t> tries_;
  std::vector<std::int32_t> total_tries_;
  std::vector<std::int64_t> latencies_;
  std::vector<Timestamp> ended_at_;
  std::vector<std::optional<Timestamp>> first_failed_at_;
};

}  // namespace bongsu::delivery
