#include "compression.hpp"

#include <bongsu/core/assert.hpp>

namespace bongsu::security {
namespace {

// Bytes. A short text saves a hundred bytes or so and costs more than sealing it does.
constexpr std::size_t kWorthTrying = 1024;
constexpr int kLevel = 1;

}  // namespace

Compressor::Compressor()
    : compressing_(ZSTD_createCCtx(), &ZSTD_freeCCtx), expanding_(ZSTD_createDCtx(), &ZSTD_freeDCtx) {
  require(compressing_ && expanding_, "zstd starts");
}

std::optional<std::string> Compressor::compress(std::string_view text) const {
  if (text.size() < kWorthTrying) return std::nullopt;
  std::string out(ZSTD_compressBound(text.size()), '\0');
  const auto size =
      ZSTD_compressCCtx(compressing_.get(), out.data(), out.size(), text.data(), text.size(), kLevel);
  require(ZSTD_isError(size) == 0, "zstd compresses");
  if (size >= text.size()) return std::nullopt;
  out.resize(size);
  return out;
}

std::optional<std::string> Compressor::expand(std::string_view compressed, std::size_t bound) const {
  const auto size = ZSTD_getFrameContentSize(compressed.data(), compressed.size());
  if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > bound) return std::nullopt;
  std::string out(size, '\0');
  const auto written =
      ZSTD_decompressDCtx(expanding_.get(), out.data(), out.size(), compressed.data(), compressed.size());
  if (ZSTD_isError(written) != 0 || written != size) return std::nullopt;
  return out;
}

}  // namespace bongsu::security
