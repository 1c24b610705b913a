# How the parts of Bongsu are declared, and the layer rule that holds them apart.
#
#   bongsu_library(NAME LAYER n [USES lib...] [LINK target...] [PRIVATE_LINK target...])
#   bongsu_service(NAME USES lib... [LINK target...])
#   bongsu_migrations(NAME SCHEMA schema FROM folder... [SCHEMA ...])
#   bongsu_test(NAME LABEL unit|integration|e2e USES lib... [SOURCES file...])
#
# An arrow may only point down: a library uses libraries of a lower layer, never one of its own
# layer and never one above; a service uses libraries, never another service. Configure fails on
# anything else, and tests/unit/layers shows that it does.

include_guard(GLOBAL)
include(${CMAKE_CURRENT_LIST_DIR}/host/configuration.cmake)

find_program(BONGSU_CCACHE ccache)
if(BONGSU_CCACHE)
  # The precompiled header is used through a file whose time and macros ccache must not compare.
  set(_launcher ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${BONGSU_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${_launcher})
  set(CMAKE_C_COMPILER_LAUNCHER ${_launcher})
endif()
find_program(BONGSU_MOLD mold)
if(BONGSU_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Werror=return-type
                    -Werror=unused-result -Wno-missing-field-initializers -Xclang -fno-pch-timestamp)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
else()
  set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -fno-omit-frame-pointer")
endif()
if(BONGSU_SANITIZE)
  # vptr checks need type information that Debian's gRPC is built without.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
endif()

function(_bongsu_check_arrows name layer)
  foreach(used IN LISTS ARGN)
    get_property(known GLOBAL PROPERTY bongsu_layer_${used} SET)
    if(NOT known)
      message(FATAL_ERROR "layer rule: ${name} uses '${used}', which is no library declared before it")
    endif()
    get_property(used_layer GLOBAL PROPERTY bongsu_layer_${used})
    if(NOT used_layer LESS layer)
      message(FATAL_ERROR "layer rule: ${name} (L${layer}) may not use ${used} (L${used_layer}): "
                          "an arrow points down only. What both need belongs one layer lower.")
    endif()
  endforeach()
endfunction()

# One precompiled header serves every target: the standard library and Asio's core, nothing of ours.
function(_bongsu_precompile target)
  if(NOT TARGET bongsu_pch)
    file(WRITE ${CMAKE_BINARY_DIR}/pch.cpp "")
    add_library(bongsu_pch OBJECT ${CMAKE_BINARY_DIR}/pch.cpp)
    target_link_libraries(bongsu_pch PUBLIC bongsu_asio)
    target_precompile_headers(bongsu_pch PRIVATE ${CMAKE_SOURCE_DIR}/libs/precompiled.hpp)
  endif()
  target_precompile_headers(${target} REUSE_FROM bongsu_pch)
endfunction()

function(bongsu_library name)
  cmake_parse_arguments(ARG "" "LAYER" "USES;LINK;PRIVATE_LINK" ${ARGN})
  if(NOT DEFINED ARG_LAYER)
    message(FATAL_ERROR "bongsu_library(${name}): LAYER is missing")
  endif()
  _bongsu_check_arrows(${name} ${ARG_LAYER} ${ARG_USES})
  set_property(GLOBAL PROPERTY bongsu_layer_${name} ${ARG_LAYER})

  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/src/*.cpp)
  add_library(bongsu_${name} STATIC ${sources})
  add_library(bongsu::${name} ALIAS bongsu_${name})
  target_include_directories(bongsu_${name} PUBLIC include PRIVATE src)
  list(TRANSFORM ARG_USES PREPEND bongsu::)
  target_link_libraries(bongsu_${name} PUBLIC bongsu_asio ${ARG_USES} ${ARG_LINK} PRIVATE ${ARG_PRIVATE_LINK})
  _bongsu_precompile(bongsu_${name})
endfunction()

# A service is a library of its parts (so that tests can link them) and a main that wires them. One that
# uses libs/host carries its config.yaml within its binary.
function(bongsu_service name)
  cmake_parse_arguments(ARG "" "" "USES;LINK" ${ARGN})
  _bongsu_check_arrows(${name} 9 ${ARG_USES})
  list(TRANSFORM ARG_USES PREPEND bongsu::)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/src/*.cpp ${CMAKE_CURRENT_SOURCE_DIR}/src/*/*.cpp)
  list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/src/main.cpp)
  set(parts)
  if(sources)
    add_library(bongsu_${name}_parts STATIC ${sources})
    target_include_directories(bongsu_${name}_parts PUBLIC src)
    target_link_libraries(bongsu_${name}_parts PUBLIC bongsu_asio ${ARG_USES} ${ARG_LINK})
    _bongsu_precompile(bongsu_${name}_parts)
    set(parts bongsu_${name}_parts)
  endif()
  add_executable(${name} src/main.cpp)
  if(bongsu::host IN_LIST ARG_USES)
    bongsu_embed_configuration(${name} config.yaml)
    # A third of a channel's time went into glibc's allocator; the sanitizers bring their own.
    if(NOT BONGSU_SANITIZE)
      find_library(BONGSU_JEMALLOC jemalloc REQUIRED)
      target_link_libraries(${name} PRIVATE ${BONGSU_JEMALLOC})
    endif()
  endif()
  target_link_libraries(${name} PRIVATE ${parts} bongsu_asio ${ARG_USES} ${ARG_LINK})
  _bongsu_precompile(${name})
endfunction()

# Embeds folder/migrations/*.sql into the library NAME, as bongsu::migrations().
function(bongsu_migrations name)
  set(sets "")
  set(schema "")
  set(keyword "")
  foreach(word IN LISTS ARGN)
    if(word STREQUAL "SCHEMA" OR word STREQUAL "FROM")
      set(keyword ${word})
      continue()
    endif()
    if(keyword STREQUAL "SCHEMA")
      if(schema)
        string(APPEND sets "  }},\n")
      endif()
      set(schema ${word})
      string(APPEND sets "  {\"${schema}\", {\n")
      continue()
    endif()
    get_filename_component(owner ${word} NAME)
    file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${word}/migrations/*.sql)
    list(SORT files)
    foreach(file IN LISTS files)
      set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
      get_filename_component(file_name ${file} NAME)
      file(READ ${file} sql)
      string(APPEND sets "    {\"${owner}/${file_name}\", R\"bongsu_sql(${sql})bongsu_sql\"},\n")
    endforeach()
  endforeach()
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT "// Generated by bongsu_migrations().
#include <bongsu/migrations/migrations.hpp>

namespace bongsu {

std::vector<postgres::MigrationSet> migrations() {
  return {
@sets@  }},
  };
}

}  // namespace bongsu
")
  target_sources(bongsu_${name} PRIVATE ${source})
endfunction()

# SOURCES default to every *_test.cpp of the folder.
function(bongsu_test name)
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "USES;LINK;SOURCES" ${ARGN})
  if(NOT ARG_SOURCES)
    file(GLOB ARG_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  # One Kafka and one PostgreSQL serve the whole run: tests that may stop them take turns.
  set(turns)
  if(ARG_LABEL STREQUAL "integration")
    set(turns RESOURCE_LOCK infra)
  elseif(ARG_LABEL STREQUAL "e2e")
    set(turns RUN_SERIAL TRUE)
  endif()
  list(TRANSFORM ARG_USES PREPEND bongsu::)
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE bongsu_asio ${ARG_USES} ${ARG_LINK} GTest::gmock GTest::gtest_main)
  _bongsu_precompile(${name})
  include(GoogleTest)
  gtest_discover_tests(${name} TEST_PREFIX ${ARG_LABEL}. DISCOVERY_TIMEOUT 60
                       PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT} ${turns})
endfunction()
