#pragma once
#include "outcome.hpp"
#include "records.hpp"

#include <map>
#include <set>
#include <vector>

namespace bongsu::jobs {

/// A place among a job's pages, and among a page's recipients.
struct PageKey {
  Uuid job;
  std::int32_t page = 0;
  friend auto operator<=>(const PageKey&, const PageKey&) = default;
};
struct RecipientKey {
  PageKey page;
  std::uint32_t index = 0;
  friend auto operator<=>(const RecipientKey&, const RecipientKey&) = default;
};

/// One batch of records merged into the pages that they are about. Pure: pages are read before and written
/// after.
class PageBatch {
 public:
  explicit PageBatch(std::map<PageKey, Page> pages) : pages_(std::move(pages)) {}

  /// False: the page has no such place, so the record breaks a rule.
  bool add(const RecipientResult& result);
  void add(const PlannedPage& planned);

  const std::map<PageKey, Page>& pages() const { return pages_; }
  /// Of `pages`, those that are not as they were.
  const std::set<PageKey>& changed() const { return changed_; }
  /// Recipients who failed or are unknown now, with the result that says so; points into what was added.
  const std::map<RecipientKey, const RecipientResult*>& failed() const { return failed_; }
  /// Recipients who had failed and have not now.
  const std::set<RecipientKey>& recovered() const { return recovered_; }

 private:
  std::map<PageKey, Page> pages_;
  std::set<PageKey> changed_;
  std::map<RecipientKey, const RecipientResult*> failed_;
  std::set<RecipientKey> recovered_;
};

}  // namespace bongsu::jobs
