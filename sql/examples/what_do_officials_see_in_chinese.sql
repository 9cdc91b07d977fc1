-- zh: 用中文列名查询：一省某年各机关的新收申请与公开率是多少？
-- en: The same table with Chinese names: what did each agency of a province receive and disclose in a year?
SELECT 机关规范名称, 公布情况, 本年新收申请, 公开率
FROM zh.机关年度
WHERE 报告年度 = 2022 AND starts_with(行政区划代码, '41') AND 是否已有年报
ORDER BY 机关规范名称
