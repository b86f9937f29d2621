import type { RigFiles } from './rig.ts';

export const SHOP_YAML = `name: shop
timezone: UTC
default_target: local

targets:
  local: { warehouse: duckdb }

groups:
  raw: { dataset: shop_raw }
  reports: { dataset: shop_reports }

calendars:
  open_days:
    asset: days
    date: day
    period: { name: season, column: season }

partition_sets:
  open_days: { calendar: open_days }

columns:
  day: { type: DATE, description: The day, nullable: false }
  revenue: { type: FLOAT64, round: 2, description: Sum of prices }

defaults:
  partitions: open_days
  partition_column: day
  retry: { attempts: 2, base_delay: 1s, max_delay: 1s }

assets:
  days:
    group: raw
    description: The days on which the shop is open.
    source: { path: data/days.csv }
    key: [day]
    columns:
      - day
      - season: { type: STRING, description: The season }

  orders:
    group: raw
    description: One row per order.
    source: { path: '\${ORDERS:-data/orders.csv}' }
    key: [order_id]
    columns:
      - order_id: { type: INT64, description: Number of the order }
      - day
      - product: { type: STRING, nullable: false, description: What was ordered }
      - price: { type: FLOAT64, round: 2, description: The price }

  daily:
    group: reports
    description: Revenue per day.
    key: [day]
    upstream: { orders: same }
    columns:
      - day
      - orders: { type: INT64, description: Number of orders }
      - revenue

  trend:
    group: reports
    description: Revenue of the three days before.
    key: [day]
    upstream:
      daily: { before: { days: 3 } }
    columns:
      - day
      - revenue
    expected_empty:
      - { first_days_of_period: 1, reason: nothing came before }
`;

export const DAILY_SQL = `SELECT
  p.partition_date AS day,
  COUNT(*) AS orders,
  SUM(o.price) AS revenue
FROM partitions AS p
JOIN orders AS o ON o.day = p.partition_date
GROUP BY p.partition_date
`;

export const TREND_SQL = `SELECT
  p.partition_date AS day,
  SUM(d.revenue) AS revenue
FROM partitions AS p
JOIN daily AS d ON DATE_DIFF(p.partition_date, d.day, DAY) BETWEEN 1 AND 3
GROUP BY p.partition_date
`;

/** Open from Tuesday 2024-01-02 to Saturday 2024-01-06, closed on Sunday, open again on Monday. */
export const SHOP_DAYS = [
  '2024-01-02',
  '2024-01-03',
  '2024-01-04',
  '2024-01-05',
  '2024-01-06',
  '2024-01-08',
] as const;

export const ORDERS_CSV = `order_id,day,product,price
1,2024-01-02,kettle,49.00
2,2024-01-02,teapot,34.50
3,2024-01-03,kettle,49.00
4,2024-01-04,teapot,34.50
5,2024-01-04,cup,4.95
6,2024-01-05,cup,4.95
7,2024-01-06,kettle,49.00
8,2024-01-08,teapot,34.50
`;

/** A small pipeline: a calendar, a CSV source and two SQL assets; six partitions each. */
export const SHOP: RigFiles = {
  'pipeline.yaml': SHOP_YAML,
  'assets/reports/daily.sql': DAILY_SQL,
  'assets/reports/trend.sql': TREND_SQL,
  'data/days.csv': `day,season\n${SHOP_DAYS.map((day) => `${day},2024\n`).join('')}`,
  'data/orders.csv': ORDERS_CSV,
};
