# Compiler set-up shared by every target of this repository (plugins outside it do not need it).

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

add_compile_options(-Wall -Wextra -Wpedantic -fno-omit-frame-pointer
                    $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
                    $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>)
# Several bodies are compiled as one where nobody edits and builds again (CMakePresets.json): a third of the time.
# A local name may then be a constant's of another file, so shadowing is looked for only where they are apart.
# And gcc warns of members whose type is private to a body as soon as that body is included by another.
if(NOT CMAKE_UNITY_BUILD)
  add_compile_options(-Wshadow)
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-subobject-linkage>)
endif()
# What is shipped is the same bytes wherever it is built (packaging/README.md).
if(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
endif()
if(RONDOM_WERROR)
  add_compile_options(-Werror)
endif()
if(RONDOM_SANITIZE)
  add_compile_options(-fsanitize=${RONDOM_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${RONDOM_SANITIZE})
  add_compile_definitions(RONDOM_SANITIZER)
  if(RONDOM_SANITIZE MATCHES "address")  # gcc and clang have no macro for it in common
    add_compile_definitions(RONDOM_ADDRESS_SANITIZER)
  endif()
endif()

# rondom_not_optimised_when_sanitized(TARGET...): compiling without optimisation takes half the time, and
# hides no undefined behaviour. For everything that no sanitizer run spends its time in.
function(rondom_not_optimised_when_sanitized)
  if(RONDOM_SANITIZE)
    foreach(target ${ARGN})
      target_compile_options(${target} PRIVATE -O0)
    endforeach()
  endif()
endfunction()

# rondom_library(NAME [FOLDER folder] [PUBLIC libs...] [PRIVATE libs...])
# One folder of core = one static library of all its .cpp files. PUBLIC lists the folders that its
# headers include, PRIVATE what only its bodies use.
function(rondom_library name)
  cmake_parse_arguments(ARG "" "FOLDER" "PUBLIC;PRIVATE;EXTRA_SOURCES" ${ARGN})
  if(NOT ARG_FOLDER)
    set(ARG_FOLDER ${name})
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/core/${ARG_FOLDER}/*.cpp)
  list(APPEND sources ${ARG_EXTRA_SOURCES})
  if(sources)
    add_library(rondom_${name} STATIC ${sources})
    target_include_directories(rondom_${name} PUBLIC ${CMAKE_SOURCE_DIR}/core)
    target_link_libraries(rondom_${name} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
  else()
    add_library(rondom_${name} INTERFACE)
    target_include_directories(rondom_${name} INTERFACE ${CMAKE_SOURCE_DIR}/core)
    target_link_libraries(rondom_${name} INTERFACE ${ARG_PUBLIC})
  endif()
endfunction()

# rondom_test_program(TARGET): what every Boost.Test program needs. Its bodies are not optimised and not
# measured for coverage: that is two thirds of the time a sanitizer build takes, and finds nothing.
function(rondom_test_program target)
  target_compile_definitions(${target} PRIVATE BOOST_TEST_DYN_LINK
                             RONDOM_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                             RONDOM_BINARY_DIR="${CMAKE_BINARY_DIR}")
  target_compile_options(${target} PRIVATE -O0)
  if(RONDOM_SANITIZE MATCHES "fuzzer-no-link")
    target_compile_options(${target} PRIVATE -fno-sanitize=fuzzer-no-link)
  endif()
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(${target} PRIVATE Boost::unit_test_framework)
  add_test(NAME ${target} COMMAND ${target} --log_level=test_suite)
  set_tests_properties(${target} PROPERTIES TIMEOUT 300 LABELS unit)
endfunction()

# rondom_test(NAME [FOLDER folder] [LIBS libs...]): one Boost.Test program of all .cpp files of
# tests/unit/<folder>.
function(rondom_test name)
  cmake_parse_arguments(ARG "" "FOLDER" "LIBS" ${ARGN})
  if(NOT ARG_FOLDER)
    set(ARG_FOLDER ${name})
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/unit/${ARG_FOLDER}/*.cpp)
  if(sources)
    add_executable(unit_${name} ${sources} $<TARGET_OBJECTS:unit_main>)
    target_link_libraries(unit_${name} PRIVATE ${ARG_LIBS})
    rondom_test_program(unit_${name})
  endif()
endfunction()
