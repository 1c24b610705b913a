#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace bongsu::world {

/// The rules of delivery that a history can run without: each is broken in one of the simulated parts,
/// never in the engine. README.md says how, and which rules have no switch here.
enum class Rule : std::uint8_t {
  kNone,
  kClaimsAreFenced,
  kDecisionsAreFenced,
  kLeaseCoversTheCall,
  kTakeWaitsForTheLease,
  kTakeEndsTheLease,
  kRenewalOfAnExistingLeaseOnly,
  kClaimBeforeSending,
  kLookUpBeforeSending,
  kInheritedClaimStays,
  kDeliveredFromFormerOwners,
  kMarkBeforeSendingAgain,
  kFollowUpFromTheRowThatStayed,
  kSameIdWaits,
  kCommitOfTheContiguousPrefixOnly,
  kOneIdOnePartition,
  kPublishedMeansInTheLog,
  kTokensOfOneRow,
  kControlBeforeEachCall,
  kControlIsReadToItsEnd,
  kSmallerRevisionsAreIgnored,
};

/// A rule, and a seed that catches its absence, from which the search begins.
struct RuleCase {
  Rule rule;
  std::string_view name;
  std::uint64_t seed;
};

inline constexpr std::array kRules{
    RuleCase{Rule::kClaimsAreFenced, "ClaimsAreFenced", 1654},
    RuleCase{Rule::kDecisionsAreFenced, "DecisionsAreFenced", 20075},
    RuleCase{Rule::kLeaseCoversTheCall, "LeaseCoversTheCall", 1606},
    RuleCase{Rule::kTakeWaitsForTheLease, "TakeWaitsForTheLease", 72},
    RuleCase{Rule::kTakeEndsTheLease, "TakeEndsTheLease", 145},
    RuleCase{Rule::kRenewalOfAnExistingLeaseOnly, "RenewalOfAnExistingLeaseOnly", 145},
    RuleCase{Rule::kClaimBeforeSending, "ClaimBeforeSending", 1},
    RuleCase{Rule::kLookUpBeforeSending, "LookUpBeforeSending", 1},
    RuleCase{Rule::kInheritedClaimStays, "InheritedClaimStays", 1},
    RuleCase{Rule::kDeliveredFromFormerOwners, "DeliveredFromFormerOwners", 30},
    RuleCase{Rule::kMarkBeforeSendingAgain, "MarkBeforeSendingAgain", 72},
    RuleCase{Rule::kFollowUpFromTheRowThatStayed, "FollowUpFromTheRowThatStayed", 807},
    RuleCase{Rule::kSameIdWaits, "SameIdWaits", 1},
    RuleCase{Rule::kCommitOfTheContiguousPrefixOnly, "CommitOfTheContiguousPrefixOnly", 1},
    RuleCase{Rule::kOneIdOnePartition, "OneIdOnePartition", 2},
    RuleCase{Rule::kPublishedMeansInTheLog, "PublishedMeansInTheLog", 1},
    RuleCase{Rule::kTokensOfOneRow, "TokensOfOneRow", 1},
    RuleCase{Rule::kControlBeforeEachCall, "ControlBeforeEachCall", 7},
    RuleCase{Rule::kControlIsReadToItsEnd, "ControlIsReadToItsEnd", 7},
    RuleCase{Rule::kSmallerRevisionsAreIgnored, "SmallerRevisionsAreIgnored", 10},
};

}  // namespace bongsu::world
