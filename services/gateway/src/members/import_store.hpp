#pragma once
#include "member.hpp"

#include <bongsu/core/random.hpp>
#include <bongsu/core/time.hpp>
#include <bongsu/core/uuid.hpp>
#include <bongsu/postgres/pool.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bongsu::gateway {

/// A member as an import line asks for it.
struct ImportedMember {
  std::string user_id;  ///< empty: of whoever has the address, else a new one
  Uuid email_hash;
  Member member;
  std::optional<bool> active;             ///< none: as it is; a new member is active
  std::optional<bool> consent_marketing;  ///< none: as it is; a new member has given none
  std::optional<bool> consent_night;
};

/// What became of a line.
enum class ImportOutcome : std::uint8_t { kImported, kUpdated, kEmailTaken };

/// Seals a member for a user id.
using SealMember = std::function<std::string(const Member& member, const std::string& user_id)>;

/// Makes and changes members, a batch in one statement; of lines that concern the same member the later
/// one counts. A member is found by user id, else by address; address, name, number and birth date are
/// replaced as a whole. Publishes nothing: nobody is greeted.
/// Errors: as postgres::Pool; kConflict when others write the same members again and again. Then none of
///   the batch, or its first part, is stored: sending it again does no harm.
/// Threads: the io_context's one thread. Lifetime: what it refers to outlives it.
class ImportStore {
 public:
  ImportStore(postgres::Pool& pool, Random& random, const Clock& clock, SealMember seal)
      : pool_(pool), random_(random), clock_(clock), seal_(std::move(seal)) {}

  /// One outcome a member, in their order.
  asio::awaitable<Result<std::vector<ImportOutcome>>> store(std::vector<ImportedMember> members);
  /// What store() would do, as things are; nothing is stored.
  asio::awaitable<Result<std::vector<ImportOutcome>>> judge(std::vector<ImportedMember> members);

 private:
  using Members = std::vector<ImportedMember*>;
  struct Known;
  asio::awaitable<Result<Known>> find(const Members& members);
  asio::awaitable<Result<void>> write(Members members);
  asio::awaitable<Result<std::vector<ImportOutcome>>> once(const Members& members, bool storing);
  asio::awaitable<Result<std::vector<ImportOutcome>>> in_rounds(std::vector<ImportedMember> members,
                                                                bool storing);

  postgres::Pool& pool_;
  Random& random_;
  const Clock& clock_;
  SealMember seal_;
};

}  // namespace bongsu::gateway
