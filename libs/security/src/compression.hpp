#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <zstd.h>

namespace bongsu::security {

/// Zstandard (RFC 8878) with contexts that are kept: a few microseconds for a message.
/// Threads: one at a time.
class Compressor {
 public:
  Compressor();
  /// Nothing where it would not get smaller, or is too short to try.
  std::optional<std::string> compress(std::string_view text) const;
  /// Nothing for what is damaged or would grow over `bound`.
  std::optional<std::string> expand(std::string_view compressed, std::size_t bound) const;

 private:
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> compressing_;
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> expanding_;
};

}  // namespace bongsu::security
