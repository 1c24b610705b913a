#pragma once
#include "page_batch.hpp"

#include <bongsu/intake/offsets.hpp>

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace bongsu::jobs {

/// What one batch of a partition says.
struct Batch {
  intake::OffsetMove offset;
  std::vector<RecipientResult> results;
  std::vector<PlannedPage> pages;
  std::vector<PlannedCount> counts;
};

struct Applied {
  /// Results (by place) that name a recipient whom their page does not have.
  std::vector<std::size_t> misplaced;
  /// Jobs of which something has changed.
  std::set<Uuid> jobs;
};

/// What has to be done before the batch counts: its dead letters are written. An error undoes the batch.
using BeforeCommit = std::function<asio::awaitable<Result<void>>(const Applied& applied)>;

/// Merges a batch into its pages and moves the offset, in one transaction: each record counts once, whoever
/// else reads the partition, and whenever the process dies. Errors: kConflict, detail `offset`: the offset is
/// not `from`, so somebody was here already; nothing is written.
///   Others as postgres::Pool; sent = kMaybe: it may be written, and the offset tells.
asio::awaitable<Result<Applied>> apply(postgres::Pool& pool, Batch& batch, const BeforeCommit& before_commit);

}  // namespace bongsu::jobs
