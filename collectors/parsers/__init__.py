"""Readers of test and coverage reports: bytes in, values out, no files, no network, no Django.

``FORMATS`` is the whole list. A format is one module here, one row there and its samples
(``docs/adding-a-format.md``).
"""

from __future__ import annotations

from collectors.parsers.allure import ALLURE
from collectors.parsers.automake_trs import AUTOMAKE_TRS
from collectors.parsers.behave_json import BEHAVE_JSON
from collectors.parsers.boost_test import BOOST_TEST
from collectors.parsers.bullseye import BULLSEYE
from collectors.parsers.cargo_test import CARGO_TEST
from collectors.parsers.catch2 import CATCH2
from collectors.parsers.check import CHECK
from collectors.parsers.clover import CLOVER
from collectors.parsers.cobertura import COBERTURA
from collectors.parsers.codecov_json import CODECOV_JSON
from collectors.parsers.common_test import COMMON_TEST
from collectors.parsers.coverage_data import COVERAGE_DATA
from collectors.parsers.coverage_json import COVERAGE_JSON
from collectors.parsers.coveralls import COVERALLS
from collectors.parsers.cppunit import CPPUNIT
from collectors.parsers.ctest import CTEST
from collectors.parsers.ctest_coverage import CTEST_COVERAGE
from collectors.parsers.ctrf import CTRF
from collectors.parsers.cucumber_json import CUCUMBER_JSON
from collectors.parsers.cucumber_messages import CUCUMBER_MESSAGES
from collectors.parsers.cunit import CUNIT
from collectors.parsers.d_lst import D_LST
from collectors.parsers.dejagnu import DEJAGNU
from collectors.parsers.devel_cover import DEVEL_COVER
from collectors.parsers.dotcover import DOTCOVER
from collectors.parsers.erlang_cover import ERLANG_COVER
from collectors.parsers.fastcov import FASTCOV
from collectors.parsers.gcov import GCOV
from collectors.parsers.gcov_json import GCOV_JSON
from collectors.parsers.gcovr_json import GCOVR_JSON
from collectors.parsers.go_cover import GO_COVER
from collectors.parsers.go_test_json import GO_TEST_JSON
from collectors.parsers.googletest_json import GOOGLETEST_JSON
from collectors.parsers.hpc import HPC
from collectors.parsers.istanbul import ISTANBUL
from collectors.parsers.istanbul_summary import ISTANBUL_SUMMARY
from collectors.parsers.jacoco import JACOCO
from collectors.parsers.jacoco_csv import JACOCO_CSV
from collectors.parsers.jest_json import JEST_JSON
from collectors.parsers.junit import JUNIT
from collectors.parsers.kcov import KCOV
from collectors.parsers.lcov import LCOV
from collectors.parsers.llvm_cov import LLVM_COV
from collectors.parsers.luacov import LUACOV
from collectors.parsers.meson import MESON
from collectors.parsers.mocha_json import MOCHA_JSON
from collectors.parsers.mochawesome import MOCHAWESOME
from collectors.parsers.newman import NEWMAN
from collectors.parsers.nunit import NUNIT
from collectors.parsers.opencover import OPENCOVER
from collectors.parsers.phpunit_xml import PHPUNIT_XML
from collectors.parsers.playwright_json import PLAYWRIGHT_JSON
from collectors.parsers.pytest_json import PYTEST_JSON
from collectors.parsers.pytest_reportlog import PYTEST_REPORTLOG
from collectors.parsers.qttest import QTTEST
from collectors.parsers.results import Format
from collectors.parsers.robot import ROBOT
from collectors.parsers.rspec_json import RSPEC_JSON
from collectors.parsers.scoverage import SCOVERAGE
from collectors.parsers.simplecov import SIMPLECOV
from collectors.parsers.slipcover import SLIPCOVER
from collectors.parsers.sonar_generic import SONAR_GENERIC
from collectors.parsers.sonar_generic_tests import SONAR_GENERIC_TESTS
from collectors.parsers.subunit import SUBUNIT
from collectors.parsers.tap import TAP
from collectors.parsers.teamcity import TEAMCITY
from collectors.parsers.testdox import TESTDOX
from collectors.parsers.testng import TESTNG
from collectors.parsers.trx import TRX
from collectors.parsers.visual_studio_coverage import VISUAL_STUDIO_COVERAGE
from collectors.parsers.xccov import XCCOV
from collectors.parsers.xunit import XUNIT

FORMATS: tuple[Format, ...] = (
    JUNIT,
    COBERTURA,
    COVERAGE_JSON,
    COVERAGE_DATA,
    LCOV,
    JACOCO,
    GCOV,
    GCOV_JSON,
    GCOVR_JSON,
    ISTANBUL,
    ISTANBUL_SUMMARY,
    GO_COVER,
    TAP,
    TRX,
    NUNIT,
    XUNIT,
    CTEST_COVERAGE,
    D_LST,
    ERLANG_COVER,
    PHPUNIT_XML,
    DEVEL_COVER,
    HPC,
    CLOVER,
    SONAR_GENERIC,
    LLVM_COV,
    OPENCOVER,
    LUACOV,
    KCOV,
    TESTDOX,
    TESTNG,
    ROBOT,
    CATCH2,
    BOOST_TEST,
    CTEST,
    CHECK,
    CPPUNIT,
    CUNIT,
    SONAR_GENERIC_TESTS,
    QTTEST,
    DEJAGNU,
    SIMPLECOV,
    COVERALLS,
    CODECOV_JSON,
    SLIPCOVER,
    JACOCO_CSV,
    FASTCOV,
    VISUAL_STUDIO_COVERAGE,
    DOTCOVER,
    SCOVERAGE,
    BULLSEYE,
    XCCOV,
    JEST_JSON,
    PLAYWRIGHT_JSON,
    CTRF,
    PYTEST_JSON,
    GO_TEST_JSON,
    MOCHA_JSON,
    MOCHAWESOME,
    NEWMAN,
    CUCUMBER_JSON,
    CUCUMBER_MESSAGES,
    BEHAVE_JSON,
    RSPEC_JSON,
    GOOGLETEST_JSON,
    PYTEST_REPORTLOG,
    ALLURE,
    CARGO_TEST,
    MESON,
    AUTOMAKE_TRS,
    COMMON_TEST,
    TEAMCITY,
    SUBUNIT,
)
"""In no particular order: no two of them say yes to one file, which the tests hold."""

PARSERS_VERSION = 5
"""Raised when a parser reads a figure differently, so that rejected files are looked at again."""
